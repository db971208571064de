import {
  type Announcement,
  checkDraw,
  draw,
  open,
  type PublishedDraw,
} from '@neo-service-layer/examples/verifiable-lottery/client.ts';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployExample, readsBack, type Stage, stage } from './support.ts';

const name = 'verifiable-lottery';
const tickets = Array.from({ length: 20 }, (_, index) => `ticket ${index}`);
let here: Stage;
let announced: Announcement;
let published: PublishedDraw;

const wrongWith = (changes: Partial<PublishedDraw>, said: Partial<Announcement> = {}) =>
  checkDraw({ ...published, ...changes }, { ...announced, ...said }, here.policy, here.judgedNow());

beforeAll(async () => {
  here = await stage();
  const operator = await here.as('operator');
  const { functionHash } = await deployExample(operator, name);
  announced = { commitment: await open(operator, 'may'), tickets, count: 3, functionHash };
  published = await draw(operator, 'may', tickets, 3);
});
afterAll(() => here.end());

describe('a verifiable lottery', () => {
  it('is recomputed by a player from what was announced and the receipt', async () => {
    expect(published.draw.winners).toHaveLength(3);
    expect(await wrongWith({})).toBeNull();
  });

  it('has a draw that the operator cannot repeat with other tickets, nor open again', async () => {
    const operator = await here.as('operator');
    expect(await open(operator, 'may')).toBe(announced.commitment);
    expect((await draw(operator, 'may', ['mine'], 1)).draw).toEqual(published.draw);
    await open(operator, 'june');
    const wishes = ['a', 'b', 'c'].map((ticket) => draw(operator, 'june', [ticket, 'x', 'y'], 1));
    const draws = await Promise.all(wishes);
    expect(new Set(draws.map((one) => JSON.stringify(one.draw))).size).toBe(1);
  });

  it('is caught with other winners, tickets, seed or another function', async () => {
    const { draw: found } = published;
    const loser = tickets.filter((ticket) => !found.winners.includes(ticket)).slice(0, 3);
    expect(await wrongWith({ draw: { ...found, winners: loser } })).toBe('other winners than follow');
    expect(await wrongWith({ draw: { ...found, tickets: [...tickets, 'mine'] } })).toMatch('other tickets');
    expect(await wrongWith({ draw: { ...found, seed: '00'.repeat(32) } })).toMatch('another seed');
    expect(await wrongWith({}, { functionHash: '00'.repeat(32) })).toBe('another function');
  });

  it('is caught when it was drawn outside of the enclave: its receipt is for another output', async () => {
    const operator = await here.as('operator');
    await open(operator, 'july');
    const other = await draw(operator, 'july', tickets, 3);
    expect(await wrongWith({ receipt: other.receipt })).toBe('receipt.output');
  });

  it('draws no round that was not opened, and shows no seed before the draw, to its owner neither', async () => {
    const operator = await here.as('operator');
    expect(await thrownBy(() => draw(operator, 'never', tickets, 1))).toMatchObject({ code: 'ERR_JS_USER' });
    await open(operator, 'august');
    for (const storage of ['pinned', true] as const) expect(await readsBack(operator, name, storage)).toEqual([]);
    expect(here.hostHas().toString('latin1')).not.toContain(published.draw.seed);
  });
});
