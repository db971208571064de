import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FunctionTurns } from '../../src/functions/function-turns.ts';

describe('turns of a function', () => {
  it('come one after another under one name, in the order of asking, whatever becomes of them', async () => {
    const action = fc.record({ name: fc.constantFrom('a', 'b'), steps: fc.nat(5), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
        const turns = new FunctionTurns();
        const running = new Set<string>();
        const order: number[] = [];
        const outcomes = actions.map(({ name, steps, fails }, index) =>
          turns.run(name, async () => {
            expect(running.has(name)).toBe(false);
            running.add(name);
            for (let step = 0; step < steps; step += 1) await Promise.resolve();
            running.delete(name);
            order.push(index);
            if (fails) throw new Error(`failed ${index}`);
            return index;
          }),
        );
        const settled = await Promise.allSettled(outcomes);
        expect(settled.map(({ status }) => status)).toEqual(
          actions.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
        );
        for (const wanted of ['a', 'b']) {
          const ofName = order.filter((index) => actions[index]?.name === wanted);
          expect(ofName).toEqual(ofName.toSorted((one, other) => one - other));
        }
        expect(turns.size).toBe(0);
      }),
    );
  });
});
