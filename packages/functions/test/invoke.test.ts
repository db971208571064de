import type { FunctionInvocation, JsonValue } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import { defineFunction, invoke } from '../src/index.ts';

const convert = defineFunction({
  input: z.object({ amount: z.number(), to: z.enum(['EUR', 'USD']) }),
  secrets: ['rate'],
  output: z.object({ amount: z.number() }),
  main({ amount, to }, { rate }, { userId }) {
    expectTypeOf(amount).toEqualTypeOf<number>();
    expectTypeOf(to).toEqualTypeOf<'EUR' | 'USD'>();
    expectTypeOf(rate).toEqualTypeOf<string>();
    expectTypeOf(userId).toEqualTypeOf<string>();
    return { amount: amount * Number(rate) };
  },
});

/** An enclave that answers with this and remembers what it was asked. */
function enclave(result: JsonValue) {
  const asked: FunctionInvocation[] = [];
  return {
    asked,
    invokeFunction: async (invocation: FunctionInvocation) => {
      asked.push(invocation);
      return { result, gasUsed: 1, executionTimeMs: 1, logs: [], droppedLogs: 0 };
    },
  };
}

describe('a typed call', () => {
  it('has the types of the definition and sends the input as it is', async () => {
    const tee = enclave({ amount: 3 });
    const outcome = await invoke(tee, convert, { functionId: 'convert', input: { amount: 2, to: 'EUR' } });
    expectTypeOf(outcome.result).toEqualTypeOf<{ amount: number }>();
    expect(outcome.result.amount).toBe(3);
    expect(tee.asked).toEqual([{ functionId: 'convert', input: { amount: 2, to: 'EUR' } }]);
  });

  it('refuses a wrong input before anything is sent', async () => {
    const tee = enclave(null);
    // @ts-expect-error it is no currency
    const calling = () => invoke(tee, convert, { functionId: 'convert', input: { amount: 2, to: 'GAS' } });
    expect(await thrownBy(calling)).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(tee.asked).toEqual([]);
  });

  it('refuses a result that the definition does not promise', async () => {
    const calling = () =>
      invoke(enclave({ amount: 'much' }), convert, { functionId: 'c', input: { amount: 2, to: 'EUR' } });
    expect(await thrownBy(calling)).toMatchObject({ code: 'ERR_CHANNEL_PROTOCOL' });
  });

  it('lets no main give what it does not promise', () => {
    defineFunction({
      input: z.object({}),
      output: z.object({ n: z.number() }),
      // @ts-expect-error a text is no number
      main: () => ({ n: 'one' }),
    });
  });
});
