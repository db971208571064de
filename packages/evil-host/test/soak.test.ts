import { ChannelInitiator, ChannelResponder, EnclaveIdentity } from '@neo-service-layer/tee-channel';
import type { Transport } from '@neo-service-layer/tee-client';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { expect, it } from 'vitest';
import { always, delay, drop, duplicate, evilTransport, flipBit, type Misbehaviour, truncate } from '../src/index.ts';

/** A generator of its own, so that a run can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it('twenty clients, random faults and restarts: every call is right or a typed error, and none is made twice', async () => {
  const pick = random(20_261_125);
  const executions = new Map<string, number>();
  const handle = async (payload: Uint8Array) => {
    const id = Buffer.from(payload).toString();
    executions.set(id, (executions.get(id) ?? 0) + 1);
    return Buffer.from(`answer to ${id}`);
  };
  const boot = async () => {
    const identity = await EnclaveIdentity.generate();
    return { identity, responder: new ChannelResponder({ identity, handle, now: () => Date.now() / 1000 }) };
  };
  let enclave = await boot();
  const honest: Transport = {
    evidence: () => Promise.reject(new TypeError('not asked for')),
    exchange: (message) => enclave.responder.receive(message),
    close: async () => {},
  };
  const sometimes = (one: Misbehaviour, inAHundred: number): Misbehaviour => ({
    exchange: (crossing, carry) =>
      pick(100) < inAHundred && one.exchange ? one.exchange(crossing, carry) : carry(crossing.message),
  });
  const way = (direction: 'there' | 'back') => [
    sometimes(drop(direction, always), 4),
    sometimes(truncate(direction, always, 7), 2),
    sometimes(flipBit(direction, always, 1000), 4),
  ];
  const evil = evilTransport(
    honest,
    ...way('there'),
    ...way('back'),
    sometimes(duplicate(always), 10),
    sometimes(delay(always, 3), 20),
  );
  const open = () => {
    const claims = {
      identityKey: enclave.identity.publicKey,
      suites: [1],
      minVersion: 1,
      configHash: new Uint8Array(32),
      bootId: new Uint8Array(16),
      notAfter: 2_000_000_000,
      nonce: new Uint8Array(),
    };
    const exchange = (message: Uint8Array) => evil.exchange(message);
    return ChannelInitiator.open({ claims, evidenceDigest: new Uint8Array(32), exchange });
  };
  const outcomes = { right: 0, failed: 0 };
  const client = async (name: number) => {
    let channel: ChannelInitiator | null = null;
    for (let i = 0; i < 60; i += 1) {
      const id = `client ${name}, call ${i}`;
      try {
        channel ??= await open();
        expect(Buffer.from(await channel.call(Buffer.from(id))).toString()).toBe(`answer to ${id}`);
        outcomes.right += 1;
      } catch (error) {
        if (!isTeeError(error)) throw error;
        expect(error.code).toMatch(/^ERR_(CHANNEL_(AUTH|SESSION|PROTOCOL|VERSION|AUDIENCE)|TRANSPORT|BUSY)$/);
        outcomes.failed += 1;
        channel = null;
      }
    }
  };
  let isOver = false;
  const restarts = (async () => {
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      enclave = await boot();
    }
  })();
  await Promise.all(Array.from({ length: 20 }, (_, name) => client(name)));
  isOver = true;
  await restarts;
  expect(Math.max(...executions.values())).toBe(1);
  expect(outcomes.right + outcomes.failed).toBe(1200);
  expect(outcomes.right).toBeGreaterThan(300);
  expect(outcomes.failed).toBeGreaterThan(100);
});
