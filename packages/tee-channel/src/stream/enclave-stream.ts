import { isTeeError } from '@neo-service-layer/tee-interface';
import type { ReplyFrame } from '../frames.ts';
import type { SessionHandle } from '../session/enclave-session.ts';
import { AnswerSender } from './answer-sender.ts';
import { BodyReceiver } from './body-receiver.ts';
import { brokenStream, cancelledCall } from './stream-error.ts';

/** A streaming call as the enclave's program gets it. */
export interface StreamCall {
  /** The session that the call came in. */
  session: SessionHandle;
  /** What the client sent with the opening. */
  head: Uint8Array;
  /** Bytes that follow; closed at once when the client sends none. Reading slowly slows the client down. */
  body: ReadableStream<Uint8Array>;
  /** Aborted when the client gave the call up, or its session ended. */
  signal: AbortSignal;
}

/** Answers a streaming call. Its rejection's code, when it is a TeeError, is told to the client; nothing else is. */
export type StreamHandler = (call: StreamCall) => Promise<ReadableStream<Uint8Array>>;

/** Bounds of one stream. */
export interface StreamLimits {
  /** Pieces of the body that may wait unread, and pulls of the answer that may wait unanswered. */
  window: number;
  /** Milliseconds that a request of the client's is kept waiting before it is told to ask again. */
  holdMs: number;
}

/** One streaming call at the enclave's end. */
export class EnclaveStream {
  readonly #receiver: BodyReceiver;
  readonly #sender: AnswerSender;
  readonly #limits: StreamLimits;
  readonly #abort = new AbortController();
  /** Resolves when the client was told how it ended, or gave it up. */
  readonly ended: Promise<void>;

  constructor(
    handler: StreamHandler,
    call: Pick<StreamCall, 'head' | 'session'> & { hasBody: boolean },
    limits: StreamLimits,
  ) {
    this.#limits = limits;
    this.#receiver = new BodyReceiver(limits.window);
    this.#sender = new AnswerSender(limits.window, limits.holdMs);
    if (!call.hasBody) this.#receiver.take(0, true, new Uint8Array());
    this.ended = this.#run(handler, call);
  }

  /** A piece of the body arrived: the reply says how far the client may go on. @throws {TeeError} ERR_CHANNEL_STREAM */
  data(index: number, final: boolean, bytes: Uint8Array): ReplyFrame {
    this.#receiver.take(index, final, bytes);
    return { type: 'credit', limit: this.#receiver.limit };
  }

  /** The client waits for credit. @throws {TeeError} ERR_CHANNEL_STREAM */
  async wait(index: number): Promise<ReplyFrame> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const held = new Promise<ReplyFrame>((resolve) => {
      timer = setTimeout(() => resolve({ type: 'later' }), this.#limits.holdMs);
    });
    const room = this.#receiver.whenRoomFor(index);
    const credit = room.then((): ReplyFrame => ({ type: 'credit', limit: this.#receiver.limit }));
    return Promise.race([credit, held]).finally(() => clearTimeout(timer));
  }

  /** The client wants a piece of the answer. @throws {TeeError} ERR_CHANNEL_STREAM */
  async pull(index: number): Promise<ReplyFrame> {
    return this.#sender.pull(index);
  }

  /** Ends everything of this stream. */
  cancel(): void {
    this.#abort.abort(cancelledCall());
    this.#receiver.fail(cancelledCall());
    this.#sender.cancel();
  }

  async #run(handler: StreamHandler, { head, session }: Pick<StreamCall, 'head' | 'session'>): Promise<void> {
    try {
      const answer = await handler({ session, head, body: this.#receiver.body, signal: this.#abort.signal });
      await this.#sender.send(answer);
    } catch (error) {
      // Only the code: what is not a TeeError is a fault of the program, and its text may hold anything.
      if (!this.#abort.signal.aborted) await this.#sender.fail(isTeeError(error) ? error.code : 'ERR_INTERNAL');
    } finally {
      this.#receiver.fail(brokenStream('a call that is still being answered'));
    }
  }
}
