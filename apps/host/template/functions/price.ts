import { defineFunction } from '@neo-service-layer/functions';
import * as z from 'zod/mini';

/**
 * The median of what several sources say a thing costs, plus the owner's margin. Who calls it learns the price;
 * the margin is known to its owner and the enclave only.
 */
export default defineFunction({
  input: z.object({ prices: z.array(z.number()).check(z.minLength(1)) }),
  secrets: ['margin'],
  output: z.object({ price: z.number(), sources: z.int() }),
  main({ prices }, { margin }) {
    const sorted = prices.toSorted((one, other) => one - other);
    const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
    const median = middle.reduce((sum, price) => sum + price, 0) / middle.length;
    return { price: median * (1 + Number(margin)), sources: prices.length };
  },
});
