import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../src/pool/fair-queue.ts';

describe('the queue', () => {
  it('serves tenants in turn, and each in order', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.slice(0, 1), item);
    const served = Array.from({ length: 6 }, () => queue.shift());
    expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(queue.shift()).toBeUndefined();
  });

  it('remembers who was served last, and serves what is put back first', () => {
    const queue = new FairQueue<string>();
    queue.push('a', 'a1');
    expect(queue.shift()).toBe('a1');
    for (const item of ['a2', 'b1', 'c1']) queue.push(item.slice(0, 1), item);
    expect(queue.shift()).toBe('b1');
    queue.unshift('b', 'b1');
    expect([queue.length, queue.shift(), queue.shift(), queue.shift()]).toEqual([3, 'b1', 'a2', 'c1']);
  });

  it('gives back what was put in, whatever the order of pushing, taking and removing', () => {
    const step = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom('push', 'shift', 'remove'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new FairQueue<{ tenant: string }>();
        const waiting = new Set<{ tenant: string }>();
        for (const { tenant, action } of steps) {
          if (action === 'push') {
            const item = { tenant };
            queue.push(tenant, item);
            waiting.add(item);
          } else if (action === 'shift') {
            const item = queue.shift();
            expect(item === undefined ? waiting.size === 0 : waiting.delete(item)).toBe(true);
          } else {
            const [first] = waiting;
            if (first === undefined) continue;
            expect(queue.remove(first.tenant, first)).toBe(true);
            expect(queue.remove(first.tenant, first)).toBe(false);
            waiting.delete(first);
          }
          expect(queue.length).toBe(waiting.size);
        }
        expect(new Set(queue.drain())).toEqual(waiting);
      }),
    );
  });
});
