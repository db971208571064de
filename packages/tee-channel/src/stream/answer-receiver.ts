import type { ReplyFrame } from '../frames.ts';
import { type ClientStream, unexpected } from './body-sender.ts';
import { Deferred } from './deferred.ts';
import { failedCall } from './stream-error.ts';

/**
 * The client's end of a streamed answer.
 *
 * Guarantees: bytes come in the enclave's order; the stream closes only when the enclave said that it ends, and fails
 * otherwise; at most `window` pieces are asked for ahead of its reader.
 */
export class AnswerReceiver {
  readonly answer: ReadableStream<Uint8Array>;
  readonly #stream: ClientStream;
  readonly #window: number;
  readonly #onEnd: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #asked: Promise<ReplyFrame>[] = [];
  #index = 0;
  /** Doubles with every piece: an answer of one piece costs one request. */
  #ahead = 1;
  #isOver = false;
  /** Resolves with the next piece. */
  #moved = new Deferred<void>();

  /** @param onEnd called once, when the answer ended in whatever way */
  constructor(stream: ClientStream, window: number, onEnd: () => void) {
    this.#stream = stream;
    this.#window = window;
    this.#onEnd = onEnd;
    this.answer = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: (controller) => this.#read(controller),
        cancel: () => {
          this.#finish();
          return this.#cancel();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Gives the answer up: its reader gets the error, the enclave is told. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#controller?.error(error);
    void this.#cancel();
  }

  async #read(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      while (!this.#isOver) {
        const bytes = await this.#nextPiece();
        if (bytes !== null && bytes.length > 0) return controller.enqueue(bytes);
      }
      controller.close();
    } catch (error) {
      if (!this.#isOver) {
        this.#finish();
        void this.#cancel();
      }
      throw error;
    }
  }

  async #nextPiece(): Promise<Uint8Array | null> {
    for (let next = this.#index + this.#asked.length; this.#asked.length < this.#ahead; next += 1) {
      const reply = this.#pull(next);
      // What was asked for beyond the end concerns nobody.
      reply.catch(() => {});
      this.#asked.push(reply);
    }
    const reply = await this.#asked.shift();
    if (this.#isOver || reply === undefined) return null;
    if (reply.type === 'failed') throw failedCall(reply.code);
    if (reply.type !== 'chunk' || reply.index !== this.#index) throw unexpected(reply);
    this.#index += 1;
    this.#moved.resolve();
    this.#moved = new Deferred();
    this.#ahead = Math.min(this.#window, this.#ahead * 2);
    if (reply.final) this.#finish();
    return reply.bytes;
  }

  async #pull(index: number): Promise<ReplyFrame> {
    const { ask, id } = this.#stream;
    for (;;) {
      const reply = await ask({ type: 'pull', stream: id, index });
      if (reply.type !== 'later' || this.#isOver) return reply;
      // The enclave has nothing to say: one request that waits is enough, until there is.
      this.#ahead = 1;
      while (index > this.#index && !this.#isOver) await this.#moved.promise;
    }
  }

  #finish(): void {
    this.#isOver = true;
    this.#moved.resolve();
    this.#onEnd();
  }

  async #cancel(): Promise<void> {
    // Best effort: the enclave forgets the stream with its session anyway.
    await this.#stream.ask({ type: 'cancel', call: this.#stream.id }).catch(() => {});
  }
}
