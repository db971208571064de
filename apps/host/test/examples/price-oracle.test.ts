import { askPrice, checkPrice, type ProvedPrice } from '@neo-service-layer/examples/price-oracle/client.ts';
import { bundleFunction } from '@neo-service-layer/functions/bundle';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOfExample, deployExample, listening, type Stage, stage } from './support.ts';

const name = 'price-oracle';
const apiKey = 'API-KEY-CANARY-51f0';
/** What each source answers. */
let quotes: string[] = [];
const keysSeen: unknown[] = [];
let here: Stage;
let servers: Awaited<ReturnType<typeof listening>>[];
let copy: Awaited<ReturnType<typeof copyOfExample>>;
let oracle: { owner: string; functionHash: string };

const good = ['{"price":12.40}', '{"price":12.42}', '{"price":12.44}', '{"price":12.46}'];
const sourceAt = (index: number) => servers[index]?.origin ?? '';

beforeAll(async () => {
  here = await stage();
  servers = await Promise.all(
    good.map((_, index) =>
      listening((request, response) => {
        keysSeen.push(request.headers['x-api-key']);
        response.end(quotes[index]);
      }),
    ),
  );
  const sources = JSON.stringify(servers.map(({ origin }) => origin));
  copy = await copyOfExample(name, 'sources.ts', `export const sources: string[] = ${sources};`);
  const owner = await here.as('owner');
  await owner.setSecret({ name: 'apiKey', value: apiKey });
  const { functionHash } = await deployExample(owner, name, { invokers: 'everyone' }, copy.folder);
  oracle = { owner: await here.publicKey('owner'), functionHash };
});
afterAll(async () => {
  await here.end();
  await Promise.all(servers.map(({ close }) => close()));
  await copy.remove();
});

const ask = async (): Promise<ProvedPrice> => askPrice(await here.as('reader'), oracle, 'NEO/USD');
const check = (proved: ProvedPrice, functionHash = oracle.functionHash) =>
  checkPrice(proved, functionHash, here.policy, here.judgedNow());

describe('a price oracle', () => {
  it('gives the median of its sources, with a receipt that others check with the sources of the function', async () => {
    quotes = good;
    const proved = await ask();
    expect(proved.price).toMatchObject({ price: 12.43, used: servers.map(({ origin }) => origin), left: [] });
    expect(await check(proved)).toBeNull();
    expect(await check({ ...proved, price: { ...proved.price, price: 99 } })).toBe('receipt.output');
    expect(await check(proved, '00'.repeat(32))).toBe('another function');
  });

  it('asks whom its hash says: the same code with other sources is another function', async () => {
    const { functionHash } = await deployExample(await here.as('other'), name, { functionId: 'shown' });
    expect(functionHash).not.toBe(oracle.functionHash);
    const { contract } = await bundleFunction(`${copy.folder}/price-oracle.ts`);
    expect(contract.http).toHaveLength(good.length);
  });

  it.each([
    ['lies', '{"price":120}'],
    ['answers nonsense', '{"price":"12.4"}'],
    ['answers no JSON', 'out of order'],
  ])('leaves out a source that %s', async (_what, answer) => {
    quotes = [answer, ...good.slice(1)];
    expect((await ask()).price).toMatchObject({ price: 12.44, left: [sourceAt(0)] });
  });

  it('gives no price when too few agree', async () => {
    quotes = ['{"price":1}', '{"price":2}', ...good.slice(2)];
    expect(await thrownBy(ask)).toMatchObject({ code: 'ERR_JS_USER' });
  });

  it('shows its key to the sources only: not to who asks, nor to the host', async () => {
    quotes = good;
    const proved = await ask();
    expect(new Set(keysSeen)).toEqual(new Set([apiKey]));
    expect(JSON.stringify(proved.price)).not.toContain('CANARY');
    expect(here.hostHas().toString('latin1')).not.toContain('CANARY');
  });
});
