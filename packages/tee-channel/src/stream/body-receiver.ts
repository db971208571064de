import { Deferred } from './deferred.ts';
import { brokenStream } from './stream-error.ts';

/**
 * The enclave's end of a body that a client sends piece by piece, in any order of arrival.
 *
 * Guarantees: pieces are read in the client's order; the body ends only where the client said it ends; never more than
 * `window` pieces wait here, whatever the client sends.
 */
export class BodyReceiver {
  readonly body: ReadableStream<Uint8Array>;
  readonly #window: number;
  readonly #pieces = new Map<number, { bytes: Uint8Array; final: boolean }>();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #arrived = new Deferred<void>();
  #read = new Deferred<void>();
  /** Index of the piece to be read next. */
  #next = 0;
  #end = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(window: number) {
    this.#window = window;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#close(),
      },
      // A piece is taken out only when the reader asks for it: that is what gives credit.
      { highWaterMark: 0 },
    );
  }

  /** Pieces with a lower index have room here, now or already. */
  get limit(): number {
    return this.#next + this.#window;
  }

  /** Takes a piece in. @throws {TeeError} ERR_CHANNEL_STREAM for one that has no place here, or when nobody reads on */
  take(index: number, final: boolean, bytes: Uint8Array): void {
    if (this.#isClosed) throw brokenStream('a body that is still read');
    if (index < this.#next || index >= this.limit || this.#pieces.has(index)) {
      throw brokenStream(`a new piece between ${this.#next} and ${this.limit - 1}`);
    }
    if (index > this.#end || (final && [...this.#pieces.keys()].some((other) => other > index))) {
      throw brokenStream('no piece after the final one');
    }
    if (final) this.#end = index;
    this.#pieces.set(index, { bytes, final });
    if (index === this.#next) this.#arrived.resolve();
  }

  /** Resolves when there is room for the piece. @throws {TeeError} ERR_CHANNEL_STREAM when nobody reads on */
  async whenRoomFor(index: number): Promise<void> {
    while (index >= this.limit && !this.#isClosed) await this.#read.promise;
    if (this.#isClosed) throw brokenStream('a body that is still read');
  }

  /** Ends the body with an error for its reader. */
  fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#close();
    this.#arrived.reject(error);
    this.#controller?.error(error);
  }

  #close(): void {
    this.#isClosed = true;
    this.#pieces.clear();
    this.#read.resolve();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      const piece = this.#pieces.get(this.#next);
      if (piece === undefined) {
        await this.#arrived.promise;
        continue;
      }
      this.#pieces.delete(this.#next);
      this.#next += 1;
      this.#arrived = new Deferred();
      if (this.#pieces.has(this.#next)) this.#arrived.resolve();
      this.#read.resolve();
      this.#read = new Deferred();
      if (piece.bytes.length > 0) controller.enqueue(piece.bytes);
      if (piece.final) {
        this.#close();
        controller.close();
      }
      if (piece.final || piece.bytes.length > 0) return;
    }
  }
}
