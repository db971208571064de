import type { TeeErrorCode } from '@neo-service-layer/tee-interface';
import { maxChunkBytes, type ReplyFrame } from '../frames.ts';
import { Deferred } from './deferred.ts';
import { brokenStream, cancelledCall } from './stream-error.ts';

/**
 * The enclave's end of an answer that the client pulls piece by piece. Each pull is one credit.
 *
 * Guarantees: reads from the source only what was asked for, so a slow client costs one piece of memory; the last piece
 * is marked, and nothing else ends the answer.
 */
export class AnswerSender {
  readonly #window: number;
  readonly #holdMs: number;
  readonly #pulls = new Map<number, Deferred<ReplyFrame>>();
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #asked = new Deferred<void>();
  #next = 0;
  /** What every pull gets from now on. */
  #last: ((index: number) => ReplyFrame) | null = null;

  /** @param window pulls that may wait here at once; @param holdMs how long one waits before it is told to ask again */
  constructor(window: number, holdMs: number) {
    this.#window = window;
    this.#holdMs = holdMs;
  }

  /** The reply to a pull, when there is one. @throws {TeeError} ERR_CHANNEL_STREAM for a pull outside the window */
  pull(index: number): Promise<ReplyFrame> {
    if (this.#last !== null) {
      const reply = this.#last(index);
      this.#asked.resolve();
      return Promise.resolve(reply);
    }
    if (index < this.#next || index >= this.#next + this.#window || this.#pulls.has(index)) {
      throw brokenStream(`a new pull between ${this.#next} and ${this.#next + this.#window - 1}`);
    }
    const pull = new Deferred<ReplyFrame>();
    this.#pulls.set(index, pull);
    if (index === this.#next) this.#asked.resolve();
    const timer = setTimeout(() => {
      this.#pulls.delete(index);
      pull.resolve({ type: 'later' });
    }, this.#holdMs);
    return pull.promise.finally(() => clearTimeout(timer));
  }

  /** Sends the source to its end. Resolves when the client was told the end. */
  async send(source: ReadableStream<Uint8Array>): Promise<void> {
    const reader = source.getReader();
    this.#reader = reader;
    try {
      await this.#sendAll(reader);
    } catch (error) {
      await reader.cancel(error).catch(() => {});
      throw error;
    }
  }

  /** Answers every pull with the failure. Resolves when the client was told. */
  async fail(code: TeeErrorCode): Promise<void> {
    await this.#finish(() => ({ type: 'failed', code }));
  }

  /** Stops reading; the source learns that nobody wants it. */
  cancel(): void {
    this.#last = () => ({ type: 'failed', code: 'ERR_CHANNEL_CANCELLED' });
    this.#settleAll(this.#last);
    this.#asked.reject(cancelledCall());
    this.#reader?.cancel(cancelledCall()).catch(() => {});
  }

  async #sendAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    let rest: Uint8Array = new Uint8Array();
    for (;;) {
      await this.#pulled();
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return this.#finish((index) => ({ type: 'chunk', index, final: true, bytes: new Uint8Array() }));
        if (!(value instanceof Uint8Array)) throw new TypeError('a stream of the enclave carries bytes only');
        rest = new Uint8Array(value.buffer, value.byteOffset, value.length);
      }
      const pull = await this.#pulled();
      const index = this.#next;
      this.#pulls.delete(index);
      this.#next += 1;
      this.#asked = new Deferred();
      if (this.#pulls.has(this.#next)) this.#asked.resolve();
      pull.resolve({ type: 'chunk', index, final: false, bytes: rest.subarray(0, maxChunkBytes) });
      rest = rest.subarray(maxChunkBytes);
    }
  }

  async #finish(last: (index: number) => ReplyFrame): Promise<void> {
    if (this.#last !== null) return;
    this.#last = last;
    const isAsked = this.#pulls.size > 0;
    this.#settleAll(last);
    this.#asked = new Deferred();
    if (!isAsked) await this.#asked.promise;
  }

  #settleAll(last: (index: number) => ReplyFrame): void {
    for (const [index, pull] of this.#pulls) pull.resolve(last(index));
    this.#pulls.clear();
  }

  /** The pull for the next piece, as soon as there is one. */
  async #pulled(): Promise<Deferred<ReplyFrame>> {
    for (;;) {
      const pull = this.#pulls.get(this.#next);
      if (pull !== undefined) return pull;
      // The one that was there may have been told to ask again.
      await this.#asked.promise;
      if (!this.#pulls.has(this.#next)) this.#asked = new Deferred();
    }
  }
}
