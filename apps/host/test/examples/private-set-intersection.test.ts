import { intersect } from '@neo-service-layer/examples/private-set-intersection/client.ts';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployExample, readsBack, type Stage, stage } from './support.ts';

const name = 'private-set-intersection';
let here: Stage;
let place: { owner: string; functionHash: string };

const lists = {
  alice: ['ALICE-ONLY-1', 'both-1', 'ALICE-ONLY-2', 'both-2'],
  bob: ['both-2', 'BOB-ONLY-1', 'both-1'],
};

beforeAll(async () => {
  here = await stage();
  const operator = await here.as('operator');
  const { functionHash } = await deployExample(operator, name, { invokers: 'everyone' });
  place = { owner: await here.publicKey('operator'), functionHash };
});
afterAll(() => here.end());

describe('a private set intersection', () => {
  it('keeps the first list until the partner has come, from everybody', async () => {
    expect(await intersect(await here.as('alice'), place, 'bob', lists.alice)).toBeNull();
    for (const user of ['carol', 'operator']) {
      const other = await here.as(user);
      expect(await intersect(other, place, 'alice', lists.alice)).toBeNull();
      expect(await intersect(other, place, 'bob')).toBeNull();
    }
    const operator = await here.as('operator');
    for (const storage of ['pinned', true] as const) expect(await readsBack(operator, name, storage)).toEqual([]);
    await deployExample(operator, name, { invokers: 'everyone' });
  });

  it('gives both what is on both lists, and nothing else of the other’s', async () => {
    const [alice, bob] = [await here.as('alice'), await here.as('bob')];
    const answer = { common: ['both-1', 'both-2'], sizes: { alice: 4, bob: 3 } };
    expect(await intersect(bob, place, 'alice', lists.bob)).toEqual(answer);
    expect(await intersect(alice, place, 'bob')).toEqual(answer);
  });

  it('does not let one try list after list on the other’s', async () => {
    const guesses = ['ALICE-ONLY-1', 'ALICE-ONLY-2'];
    const answer = await intersect(await here.as('bob'), place, 'alice', guesses);
    expect(answer?.common).toEqual(['both-1', 'both-2']);
  });

  it('is not for who has not signed in, and a list goes to no other function than the one that was read', async () => {
    const carol = await here.as('carol');
    expect(await thrownBy(() => intersect(carol, place, 'carol', ['x']))).toMatchObject({ code: 'ERR_JS_USER' });
    const other = { ...place, functionHash: '00'.repeat(32) };
    expect(await thrownBy(() => intersect(carol, other, 'bob', ['x']))).toMatchObject({ code: 'ERR_NOT_FOUND' });
  });

  it('shows the host nothing of it', () => {
    const host = here.hostHas().toString('latin1');
    expect(host.length).toBeGreaterThan(1000);
    for (const entry of [...lists.alice, ...lists.bob]) expect(host).not.toContain(entry);
  });
});
