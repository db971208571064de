import { defineFunction } from '@neo-service-layer/functions';
import * as z from 'zod/mini';
import { median } from './median.ts';

export default defineFunction({
  input: z.object({ prices: z.array(z.number()).check(z.minLength(1)) }),
  secrets: ['margin'],
  output: z.object({ price: z.number() }),
  main: ({ prices }, { margin }) => ({ price: median(prices) * (1 + Number(margin)) }),
});
