import { describe, expect, it } from 'vitest';
import type { CallHandler, SessionHandle } from '../src/index.ts';
import { enclaveEnd, openThrough, readAll, utf8 } from './ends.ts';

/** An enclave's end that notes in which session each call came. */
async function notingEnd() {
  const sessions: SessionHandle[] = [];
  const handle: CallHandler = async (payload, { session }) => {
    sessions.push(session);
    return payload;
  };
  const end = await enclaveEnd({
    handle,
    handleStream: async ({ session, head }) => {
      sessions.push(session);
      return new Response(new Uint8Array(head)).body ?? new ReadableStream();
    },
  });
  return { end, sessions };
}

describe('the binding of a session', () => {
  it('is the same 32 bytes at both ends, whenever it is asked for', async () => {
    const { end, sessions } = await notingEnd();
    const channel = await openThrough(end);
    const before = await channel.binding();
    await channel.call(utf8.encode('x'));
    expect(before).toHaveLength(32);
    expect(await sessions[0]?.binding()).toEqual(before);
    expect(await channel.binding()).toEqual(before);
  });

  it('is of one session only: another one has another, also one that resumes it', async () => {
    const { end } = await notingEnd();
    const first = await openThrough(end);
    await first.call(utf8.encode('x'));
    const resumed = await openThrough(end, {}, { resume: await first.ticket() });
    expect(resumed.isResumed).toBe(true);
    const bindings = await Promise.all([first, resumed, await openThrough(end)].map((channel) => channel.binding()));
    expect(new Set(bindings.map((binding) => Buffer.from(binding).toString('hex'))).size).toBe(3);
  });

  it('comes with one handle for all calls and streams of the session', async () => {
    const { end, sessions } = await notingEnd();
    const channel = await openThrough(end);
    await Promise.all([channel.call(utf8.encode('1')), channel.call(utf8.encode('2'))]);
    const stream = await channel.stream(utf8.encode('3'));
    expect(utf8.decode(await readAll(stream))).toBe('3');
    await (await openThrough(end)).call(utf8.encode('4'));
    expect(sessions).toHaveLength(4);
    expect(new Set(sessions.slice(0, 3)).size).toBe(1);
    expect(sessions[3]).not.toBe(sessions[0]);
  });
});
