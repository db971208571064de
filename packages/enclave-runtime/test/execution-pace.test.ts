import { TeeError } from '@neo-service-layer/tee-interface';
import { describe, expect, it } from 'vitest';
import { ExecutionPace } from '../src/execution-pace.ts';

const full = new TeeError('ERR_BUSY', 'the queue is full', { hint: 'later' });
const waitOf = (pace: ExecutionPace, queued: number) =>
  (pace.told(full, { queued, workers: 2 }) as TeeError).details?.['retryAfterMs'] as number;

describe('a full queue', () => {
  it('names a time to come again: longer for longer functions and longer queues', () => {
    const [fast, slow] = [new ExecutionPace(), new ExecutionPace()];
    for (let i = 0; i < 200; i += 1) {
      fast.note(1);
      slow.note(100);
    }
    expect(waitOf(slow, 1000)).toBeGreaterThan(50 * waitOf(fast, 1000));
    expect(waitOf(slow, 1000)).toBeGreaterThan(5 * waitOf(slow, 100));
    expect(waitOf(fast, 0)).toBe(20);
  });

  it('keeps what else its error says; other errors stay as they are', () => {
    const pace = new ExecutionPace();
    expect(pace.told(full, { queued: 1, workers: 1 })).toMatchObject({ code: 'ERR_BUSY', hint: 'later' });
    const other = new TeeError('ERR_JS_GAS', 'no gas');
    expect(pace.told(other, { queued: 1, workers: 1 })).toBe(other);
  });
});
