import { CallLog } from '../engine/call-log.ts';
import { CapabilityDesk } from '../engine/capability-desk.ts';
import { guestOperations } from '../engine/guest-operations.ts';
import { type HostAnswer, type HostRequest, HostRequests } from '../engine/host-requests.ts';
import { MissingThings } from '../engine/missing-things.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Verdict } from '../outcome.ts';
import type { IsolateCallMessage } from './isolate-messages.ts';

/** What the prelude says and asks: beyond what every engine has, that of isolate-entry.js and isolate-bridge.js. */
const operation = { ...guestOperations, began: 8, failed: 9, uncaught: 10, dropped: 11 } as const;
const fault = JSON.stringify({ name: 'Error', message: 'the host did not understand' });

/** The host's side of one call in an isolate: everything its guest can say or ask for. Runs in the engine's process. */
export class IsolateHost {
  readonly log: CallLog;
  readonly desk: CapabilityDesk;
  readonly requests: HostRequests;
  readonly missing = new MissingThings();
  /** The result, or why there is none, once the prelude has told. */
  verdict: Verdict | null = null;
  /** The sources were evaluated, and `main` is about to be called. */
  began = false;
  /** What the prelude says of the exception that ended `main`. */
  described: string | null = null;
  readonly #call: IsolateCallMessage;
  readonly #answers: HostAnswer[] = [];
  #woken: (() => void) | null = null;

  /** @param send passes a request of the guest's on to the main thread */
  constructor(call: IsolateCallMessage, send: (request: HostRequest) => void) {
    this.#call = call;
    this.log = new CallLog(call.limits.logBytes);
    // V8 counts no gas: what a capability costs is time, which has its own limit.
    this.desk = new CapabilityDesk(call.capabilities, () => true, call.limits);
    this.requests = new HostRequests({ send, receive: () => this.#answers.shift() ?? null });
  }

  /** Nothing is left to do once this is true. */
  get ended(): boolean {
    return this.verdict !== null || this.described !== null;
  }

  /** An answer of the main thread's has come. */
  answer(answer: HostAnswer): void {
    this.#answers.push(answer);
    this.wake();
  }

  /** Ends {@link wait}. */
  wake(): void {
    this.#woken?.();
  }

  /** Resolves when an answer is there or the time is over, whichever comes first. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#answers.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#woken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#woken = null;
  }

  /** What the guest calls. Never throws: an exception would carry frames of the host into the isolate. */
  operation(kind: unknown, first: unknown, second: unknown): string | number | undefined {
    try {
      return this.#operation(kind, first, second);
    } catch {
      return fault;
    }
  }

  #operation(kind: unknown, first: unknown, second: unknown): string | number | undefined {
    const { limits, kind: sourceKind } = this.#call;
    switch (kind) {
      case operation.log:
        if (typeof first === 'number' && typeof second === 'string') this.log.add(first, second);
        return this.log.room;
      case operation.dropped:
        for (let left = Number(first); left > 0; left -= 1) this.log.drop();
        return undefined;
      case operation.result: {
        const json = String(first);
        const fits = Buffer.byteLength(json) <= limits.resultBytes;
        this.verdict ??= fits ? { status: 'ok', json } : failure('ERR_JS_OUTPUT_LIMIT', texts.outputLimit);
        return undefined;
      }
      case operation.notSerializable: {
        const refused = { path: String(first), what: String(second) };
        this.verdict ??= { ...failure('ERR_JS_NOT_SERIALIZABLE', texts.notSerializable), refused };
        return undefined;
      }
      case operation.resultTooLong:
        this.verdict ??= failure('ERR_JS_OUTPUT_LIMIT', texts.outputLimit);
        return undefined;
      case operation.noMain:
        this.verdict ??= failure('ERR_JS_USER', sourceKind === 'module' ? texts.noExport : texts.noMain);
        return undefined;
      case operation.capability:
        return this.desk.answer(String(first), String(second)) ?? fault;
      case operation.request:
        return this.desk.request(String(first), String(second), this.requests) ?? fault;
      case operation.missingSecret:
        this.missing.noteSecret(String(first));
        return undefined;
      case operation.began:
        this.began = true;
        return undefined;
      case operation.failed:
        this.described ??= String(first);
        return undefined;
      case operation.uncaught:
        this.warn('Uncaught in a timer', JSON.parse(String(first)));
        return undefined;
      default:
        return undefined;
    }
  }

  /** A line of the log about an error that nobody looks after. */
  warn(what: string, { name, message }: { name?: unknown; message?: unknown }): void {
    this.log.add(2, `${what}: ${name}: ${message}`);
  }
}
