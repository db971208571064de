import { isTeeError, TeeError } from '@neo-service-layer/tee-interface';

/** How much the newest execution counts in the mean. */
const weight = 0.05;

/** Knows how fast executions go, and so when it is worth coming again after the queue was full. */
export class ExecutionPace {
  #meanMs = 5;

  /** Takes note of an execution. */
  note(executionTimeMs: number): void {
    this.#meanMs += (executionTimeMs - this.#meanMs) * weight;
  }

  /**
   * An error as it goes to the caller: a full queue says when to come again (`details.retryAfterMs`).
   * @param stats of the sandbox
   */
  told(error: unknown, { queued, workers }: { queued: number; workers: number }): unknown {
    if (!isTeeError(error) || error.code !== 'ERR_BUSY') return error;
    const { code, message, ...info } = error.toJSON();
    // Half of the queue is gone by then: room for those who come again together.
    const retryAfterMs = Math.ceil(Math.max(20, (this.#meanMs * queued) / Math.max(1, workers) / 2));
    return new TeeError(code, message, { ...info, details: { ...info.details, retryAfterMs }, cause: error });
  }
}
