import { ephemeralUserKey, type TeeClient } from '@neo-service-layer/tee-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;

beforeAll(async () => {
  host = await machine();
  enclave = await startEnclave(host.platform, signer());
});

afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

const waiting = 200;
const work = {
  functionId: 'work',
  code: 'function main() { let n = 0; for (let i = 0; i < 60000; i += 1) n += i; return n; }',
};
const quick = { functionId: 'quick', code: 'const main = () => 1;' };

/** How many calls of a flood have ended when a call that came behind all of them is answered. */
async function endedBefore(flooding: TeeClient, client: TeeClient): Promise<number> {
  await client.executeJavaScript(quick);
  let ended = 0;
  const flood = Array.from({ length: waiting }, async () => {
    await flooding.executeJavaScript(work);
    ended += 1;
  });
  await client.executeJavaScript(quick);
  const before = ended;
  await Promise.all(flood);
  return before;
}

describe('a user whose calls fill the queue', () => {
  it('delays another user by a call or two, not by all that wait', { timeout: 60_000 }, async () => {
    const flooding = await enclave.connect({ user: await ephemeralUserKey('flood') });
    const other = await enclave.connect({ user: await ephemeralUserKey('quiet') });
    expect(await endedBefore(flooding, other)).toBeLessThan(waiting / 8);
  });

  it('(counter-test) delays its own further calls by all of them', { timeout: 60_000 }, async () => {
    const flooding = await enclave.connect({ user: await ephemeralUserKey('flood2') });
    expect(await endedBefore(flooding, flooding)).toBeGreaterThan(waiting / 2);
  });

  it('is refused beyond its quota with a time to come back, and others are not', async () => {
    const flooding = await enclave.connect({ user: await ephemeralUserKey('greedy') });
    const other = await enclave.connect({ user: await ephemeralUserKey('modest') });
    const calls = Promise.allSettled(Array.from({ length: 300 }, () => flooding.executeJavaScript(quick)));
    expect((await other.executeJavaScript(quick)).result).toBe(1);
    const refused = (await calls).flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) {
      expect(reason).toMatchObject({ code: 'ERR_BUSY', details: { retryAfterMs: expect.any(Number) } });
    }
  });
});
