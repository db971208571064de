import type { JsonValue } from '@neo-service-layer/tee-interface';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineFunction, guard } from '../src/index.ts';

const echo = guard(
  defineFunction({
    input: z.object({ list: z.array(z.object({ id: z.int() })), note: z.optional(z.string()) }),
    secrets: ['key'],
    output: z.object({ ids: z.array(z.int()) }),
    main: ({ list }) => ({ ids: list.map(({ id }) => id) }),
  }),
);

describe('the guard of a function', () => {
  it('lets in exactly what its schema takes', async () => {
    const fits = fc.record({ list: fc.array(fc.record({ id: fc.integer() })) });
    await fc.assert(
      fc.asyncProperty(fits, async (input) => {
        expect(await echo(input, { key: 'k' }, 'f', 'u')).toEqual({ ids: input.list.map(({ id }) => id) });
      }),
    );
  });

  it('meets anything else with an error that repeats no value of it', async () => {
    const canary = 'CANARY-7f3a';
    const anything = fc.jsonValue().map((value) => JSON.parse(JSON.stringify({ list: [canary, value] })) as JsonValue);
    await fc.assert(
      fc.asyncProperty(anything, async (input) => {
        const error = await echo(input, { key: canary }, 'f', 'u').catch((thrown: Error) => thrown);
        expect(error).toMatchObject({ name: 'InputError' });
        expect(String(error)).not.toContain(canary);
      }),
    );
  });

  it('names where it is wrong, and not more than a reader can use', async () => {
    const wrong = Array.from({ length: 9 }, () => ({ id: 'x' }));
    const error = await echo({ list: wrong }, { key: 'k' }, 'f', 'u').catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/input\.list\[0\]\.id: .*; and 4 more$/);
  });
});
