import { parseMessage } from '@neo-service-layer/tee-channel';
import type { TeeClient, Transport } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evilTransport, hellos, Recording } from '../src/index.ts';
import { echo, machine, startEnclave } from './support/machine.ts';

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;
let other: Awaited<ReturnType<typeof startEnclave>>;
let later = 0;
const now = () => Math.floor(Date.now() / 1000) + later;

beforeAll(async () => {
  host = await machine();
  enclave = await startEnclave(host.platform, { now });
  other = await startEnclave(host.platform, { now });
});
afterAll(async () => {
  await enclave.stop();
  await other.stop();
  await host.remove();
});
beforeEach(() => {
  later = 0;
});

/** A client, with counts of what its host saw of it. */
async function watched() {
  const recording = new Recording();
  const seen = { evidence: 0, current: enclave.transport };
  const inner: Transport = {
    evidence: () => {
      seen.evidence += 1;
      return seen.current.evidence();
    },
    exchange: (message) => seen.current.exchange(message),
    close: async () => {},
  };
  const client = await enclave.connect({ transport: evilTransport(inner, recording), now });
  const welcomes = () =>
    recording.exchanges.map(({ answer }) => parseMessage(answer)).filter((message) => message.type === 'welcome');
  return { client, seen, recording, welcomes };
}

const slow = (client: TeeClient) =>
  client.executeJavaScript({
    code: 'function main() { let x = 0; while (x < 3000000) x++; return "slow"; }',
    input: {},
    functionId: 'slow',
    userId: 'someone',
  });

describe('every ten minutes', () => {
  it('the enclave proves itself again before the next call, in the same session', async () => {
    const { client, seen, welcomes } = await watched();
    await echo(client, 'one');
    later = 599;
    await echo(client, 'two');
    expect(seen.evidence).toBe(1);
    later = 601;
    await Promise.all([echo(client, 'three'), echo(client, 'four')]);
    expect(seen.evidence).toBe(2);
    expect(welcomes()).toHaveLength(1);
  });

  it('calls in flight go on meanwhile', async () => {
    const { client, seen } = await watched();
    await echo(client, 'first');
    const call = slow(client);
    later = 700;
    const next = echo(client, 'next');
    expect((await call).result).toBe('slow');
    expect(await next).toBe('answer to next');
    expect(seen.evidence).toBe(2);
  });

  it('an enclave that took its place is a new one: verified, and spoken to in a session of its own', async () => {
    const { client, seen, welcomes } = await watched();
    const { bootId } = await client.getInfo();
    later = 700;
    seen.current = other.transport;
    expect((await client.getInfo()).bootId).not.toBe(bootId);
    expect(welcomes()).toHaveLength(2);
  });

  it('an enclave that cannot prove itself any more gets nothing more', async () => {
    const stranger = await startEnclave(host.platform, { measurement: new Uint8Array(32).fill(1), now });
    const { client, seen, recording } = await watched();
    await echo(client, 'one');
    const before = recording.exchanges.length;
    later = 700;
    seen.current = { ...enclave.transport, evidence: () => stranger.transport.evidence() };
    expect((await thrownBy(() => echo(client, 'secret'))).code).toBe('ERR_EVIDENCE_REJECTED');
    expect((await thrownBy(() => echo(client, 'secret'))).code).toBe('ERR_EVIDENCE_REJECTED');
    expect(recording.exchanges.length).toBe(before);
    await stranger.stop();
  });

  it('who stole the identity key is found out when the stolen evidence ends; without that, never', async () => {
    // The thief has the key of the enclave, so its answers are the enclave's; what it cannot make is a new quote.
    const old = await enclave.transport.evidence();
    for (const [reattestSeconds, outcome] of [
      [600, 'ERR_EVIDENCE_STALE'],
      [Number.POSITIVE_INFINITY, 'answer to x'],
    ] as const) {
      later = 0;
      const transport: Transport = { ...enclave.transport, evidence: async () => old };
      const client = await enclave.connect({ transport, now, reattestSeconds });
      expect(await echo(client, 'x')).toBe('answer to x');
      later = 1000;
      expect(await echo(client, 'x')).toBe('answer to x');
      if (reattestSeconds === 600) {
        later = 2000;
        expect((await thrownBy(() => echo(client, 'x'))).code).toBe(outcome);
      }
    }
  });
});

describe('before a session ends', () => {
  it('the next one follows from it, without a call failing', async () => {
    const { client, seen, welcomes } = await watched();
    await echo(client, 'one');
    later = 3300;
    const answers = await Promise.all([echo(client, 'two'), echo(client, 'three')]);
    expect(answers).toEqual(['answer to two', 'answer to three']);
    expect(welcomes().map(({ resumed }) => resumed)).toEqual([false, true]);
    expect(seen.evidence).toBe(2);
  });

  it('and one that was left idle too long is opened anew', async () => {
    const { client, welcomes } = await watched();
    await echo(client, 'one');
    later = 4000;
    expect(await echo(client, 'two')).toBe('answer to two');
    expect(welcomes().map(({ resumed }) => resumed)).toEqual([false, false]);
  });

  it('a host that replays the hello of a resumption gets a welcome that it can do nothing with', async () => {
    const { client, recording } = await watched();
    await echo(client, 'one');
    later = 3300;
    await echo(client, 'two');
    const resumption = recording.exchanges.filter(({ message }, index) => hellos({ message, index })).at(-1);
    const again = parseMessage(await enclave.transport.exchange(resumption?.message ?? new Uint8Array()));
    const before = parseMessage(resumption?.answer ?? new Uint8Array());
    if (again.type !== 'welcome' || before.type !== 'welcome') throw new Error('expected welcomes');
    expect(again.resumed).toBe(true);
    expect(again.kemKey).not.toEqual(before.kemKey);
    expect(again.sessionId).not.toEqual(before.sessionId);
  });
});
