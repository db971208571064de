import type { HostStore } from '@neo-service-layer/tee-channel/host-link';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';
import { StoreLease } from '../../src/relay/store-lease.ts';

/** A store whose writes end when they are told to. */
function slowStore() {
  const written: string[] = [];
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store: HostStore = {
    getMany: async (keys) => keys.map(() => null),
    write: async (changes) => {
      await held;
      written.push(...changes.map(({ key }) => key));
    },
  };
  return { store, written, release };
}

it('serves its holder and nobody else, and says so to those', async () => {
  const lease = new StoreLease(slowStore().store);
  const [one, other] = [{}, {}];
  expect((await thrownBy(() => lease.storeFor(one).getMany(['a']))).code).toBe('ERR_NOT_KEEPER');
  await lease.give(one);
  expect(await lease.storeFor(one).getMany(['a'])).toEqual([null]);
  expect((await thrownBy(() => lease.storeFor(other).getMany(['a']))).code).toBe('ERR_NOT_KEEPER');
});

it('takes nothing more from a holder that lost it, and lets what that one had under way end before the next one gets it', async () => {
  const { store, written, release } = slowStore();
  const lease = new StoreLease(store);
  const [one, other] = [{}, {}];
  await lease.give(one);
  const [before, after] = [lease.storeFor(one), lease.storeFor(other)];
  const writing = before.write([{ key: 'first', value: null }]);
  const given = lease.give(other);
  expect((await thrownBy(() => before.write([{ key: 'late', value: null }]))).code).toBe('ERR_NOT_KEEPER');
  expect((await thrownBy(() => after.getMany([]))).code).toBe('ERR_NOT_KEEPER');
  release();
  await Promise.all([writing, given]);
  await after.write([{ key: 'second', value: null }]);
  expect(written).toEqual(['first', 'second']);
});

it('goes to the later of two that it is given to at once', async () => {
  const { store, release } = slowStore();
  const lease = new StoreLease(store);
  const [one, other, third] = [{}, {}, {}];
  await lease.give(one);
  const writing = lease.storeFor(one).write([{ key: 'a', value: null }]);
  const giving = [lease.give(other), lease.give(third)];
  release();
  await Promise.all([writing, ...giving]);
  expect([one, other, third].map((holder) => lease.isHeldBy(holder))).toEqual([false, false, true]);
});

it('moves once nothing is under way, and is given to nobody before it has', async () => {
  const { store, written, release } = slowStore();
  const moved = slowStore();
  moved.release();
  const lease = new StoreLease(store);
  const [one, other] = [{}, {}];
  await lease.give(one);
  const writing = lease.storeFor(one).write([{ key: 'before', value: null }]);
  let endMove: () => void = () => {};
  const moving = lease.move(() => new Promise((resolve) => (endMove = () => resolve(moved.store))));
  const given = lease.give(other);
  release();
  await writing;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await thrownBy(() => lease.storeFor(other).getMany([]))).code).toBe('ERR_NOT_KEEPER');
  endMove();
  await Promise.all([moving, given]);
  await lease.storeFor(other).write([{ key: 'after', value: null }]);
  expect([written, moved.written]).toEqual([['before'], ['after']]);
});

it('stays where it is, with nobody, when it cannot be moved', async () => {
  const { store, written, release } = slowStore();
  release();
  const lease = new StoreLease(store);
  const one = {};
  await lease.give(one);
  await expect(lease.move(() => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  expect(lease.isHeldBy(one)).toBe(false);
  await lease.give(one);
  await lease.storeFor(one).write([{ key: 'a', value: null }]);
  expect(written).toEqual(['a']);
});
