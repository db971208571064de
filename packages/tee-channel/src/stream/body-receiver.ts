import { Deferred } from './deferred.ts';
import { brokenStream } from './stream-error.ts';

interface Piece {
  bytes: Uint8Array;
  final: boolean;
  taken: Deferred<void>;
}

/**
 * The enclave's end of a body that a client sends piece by piece, in any order of arrival.
 *
 * Guarantees: pieces are read in the client's order; the body ends only where the client said it ends; never more than
 * `window` pieces wait here, whatever the client sends.
 */
export class BodyReceiver {
  readonly body: ReadableStream<Uint8Array>;
  readonly #window: number;
  readonly #pieces = new Map<number, Piece>();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #arrived = new Deferred<void>();
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
        pull: (controller) => this.#read(controller),
        cancel: () => this.discard(),
      },
      // A piece is taken in only when the reader asks for it: that is what gives its credit back.
      { highWaterMark: 0 },
    );
  }

  /** Takes a piece in. Resolves when it was read. @throws {TeeError} ERR_CHANNEL_STREAM for a piece that has no place here */
  take(index: number, final: boolean, bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (index < this.#next || index >= this.#next + this.#window || this.#pieces.has(index)) {
      throw brokenStream(`a new piece between ${this.#next} and ${this.#next + this.#window - 1}`);
    }
    if (index > this.#end || (final && [...this.#pieces.keys()].some((other) => other > index))) {
      throw brokenStream('no piece after the final one');
    }
    if (final) this.#end = index;
    const piece = { bytes, final, taken: new Deferred<void>() };
    this.#pieces.set(index, piece);
    if (index === this.#next) this.#arrived.resolve();
    return piece.taken.promise;
  }

  /** Resolves when the piece was read. @throws {TeeError} ERR_CHANNEL_STREAM when it never arrived */
  whenTaken(index: number): Promise<void> {
    const piece = this.#pieces.get(index);
    if (this.#isClosed || index < this.#next) return Promise.resolve();
    if (piece === undefined) throw brokenStream('a piece that was sent');
    return piece.taken.promise;
  }

  /** Nobody reads the rest: it is taken in and forgotten. */
  discard(): void {
    this.#isClosed = true;
    for (const { taken } of this.#pieces.values()) taken.resolve();
    this.#pieces.clear();
  }

  /** Ends the body with an error for its reader. */
  fail(error: unknown): void {
    if (this.#isClosed) return;
    this.discard();
    this.#arrived.reject(error);
    this.#controller?.error(error);
  }

  async #read(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
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
      piece.taken.resolve();
      if (piece.bytes.length > 0) controller.enqueue(piece.bytes);
      if (piece.final) {
        this.discard();
        controller.close();
      }
      if (piece.final || piece.bytes.length > 0) return;
    }
  }
}
