import { defineFunction, http } from '@neo-service-layer/functions';
import * as z from 'zod/mini';
import { sources } from './sources.ts';

const furthest = 0.05;
const fewest = 3;
const quoted = z.object({ price: z.number().check(z.positive()) });

/** The median of what several sources say an asset costs, without those that are far off. */
export default defineFunction({
  input: z.object({ asset: z.string().check(z.regex(/^[A-Z]{2,6}\/[A-Z]{2,6}$/)) }),
  secrets: ['apiKey'],
  output: z.object({ asset: z.string(), price: z.number(), used: z.array(z.string()), left: z.array(z.string()) }),
  http: { allow: sources.map((source) => source.replace('https://', '')) },

  async main({ asset }, { apiKey }) {
    const answers = await Promise.all(sources.map((source) => ask(source, asset, apiKey)));
    const quotes = answers.filter((answer) => answer !== null);
    const middle = medianOf(quotes.map(({ price }) => price));
    const used = quotes.filter(({ price }) => Math.abs(price - middle) <= middle * furthest);
    if (used.length < fewest)
      throw new Error(`${used.length} of ${sources.length} sources agree, ${fewest} are needed`);
    const names = used.map(({ source }) => source);
    const left = sources.filter((source) => !names.includes(source));
    return { asset, price: medianOf(used.map(({ price }) => price)), used: names, left };
  },
});

/** A source that fails, or answers with something else, is left out. */
async function ask(source: string, asset: string, apiKey: string) {
  try {
    const url = `${source}/price?asset=${encodeURIComponent(asset)}`;
    const answer = await http.fetch(url, { headers: { 'x-api-key': apiKey } });
    const { price } = quoted.parse(await answer.json());
    return { source, price };
  } catch {
    return null;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
