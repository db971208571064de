import type { JavaScriptErrorCode, Thrown, Verdict } from '../outcome.ts';
import type { CapabilityDesk } from './capability-desk.ts';
import type { GuestEngine } from './guest-engine.ts';
import { longestDescription, parseThrown, undescribed } from './thrown.ts';
import { failure, texts } from './verdicts.ts';

/** Describing a thrown value has its own allowance: an exhausted function still gets its error told. */
const describeGas = 2_000_000n;
const describeBytes = 1024 * 1024;

/** Turns exceptions that left the guest into verdicts. */
export class GuestExceptions {
  /** Set when describing made the engine trap: its state means nothing any more. */
  trapped = false;
  readonly #engine: GuestEngine;
  readonly #memoryBytes: number;
  readonly #desk: CapabilityDesk;

  constructor(engine: GuestEngine, memoryBytes: number, desk: CapabilityDesk) {
    this.#engine = engine;
    this.#memoryBytes = memoryBytes;
    this.#desk = desk;
  }

  /** The guest was refused memory at least once in this call. */
  get outOfMemory(): boolean {
    const { exports } = this.#engine;
    return exports.message_0.value > 0 || exports.grow_refusals.value > 0;
  }

  /** The verdict on the exception that is pending in the engine. */
  pending(usual: JavaScriptErrorCode): Verdict {
    return this.classify(this.#engine.exports.qjs_get_exception(), usual);
  }

  /**
   * The verdict on a thrown value. That the engine ran out of memory or stack is known from counters in the engine;
   * the text only tells whether this exception is the one, or another after a caught one.
   *
   * @param usual the code when it is neither
   */
  classify(value: number, usual: JavaScriptErrorCode): Verdict {
    const { exports } = this.#engine;
    const thrown = this.describe(value);
    if (this.outOfMemory && (thrown === undescribed || /^(?:out of memory|null)$/.test(thrown.message))) {
      return { ...failure('ERR_JS_MEMORY', texts.memory), thrown };
    }
    const overflows = exports.message_1.value + exports.message_2.value;
    if (overflows > 0 && /^(?:Maximum call stack size exceeded|stack overflow)$/.test(thrown.message)) {
      return { ...failure('ERR_JS_STACK', texts.stack), thrown };
    }
    if (this.#desk.refusal !== null && thrown.message === this.#desk.refusal) {
      return { ...failure('ERR_JS_CAPABILITY_DENIED', texts.denied), thrown };
    }
    return { ...failure(usual, usual === 'ERR_JS_SYNTAX' ? texts.syntax : texts.user), thrown };
  }

  /** Lets the prelude describe a value, which may run code of the guest, within an allowance of its own. */
  describe(value: number): Thrown {
    const { exports } = this.#engine;
    if (value === 0 || this.trapped) return undescribed;
    const gas = exports.gas.value;
    exports.gas.value = describeGas;
    exports.qjs_set_memory_limit(this.#memoryBytes + describeBytes);
    try {
      const described = this.#engine.call(exports.at_describe.value, [value]);
      if (described === 0 || exports.qjs_is_exception(described) !== 0) return undescribed;
      const text = this.#engine.text(described, longestDescription);
      return typeof text === 'string' ? parseThrown(text) : undescribed;
    } catch {
      this.trapped = true;
      return undescribed;
    } finally {
      exports.gas.value = gas;
    }
  }
}
