import { TeeError } from '@neo-service-layer/tee-interface';
import { maxChunkBytes, type ReplyFrame, type RequestFrame } from '../frames.ts';
import { failedCall } from './stream-error.ts';

// Sends one frame and gives the enclave's reply to it.
type Ask = (frame: RequestFrame) => Promise<ReplyFrame>;

/** A stream as the client names it. */
export interface ClientStream {
  ask: Ask;
  /** Sequence number of the request that opened it. */
  id: number;
}

/**
 * Sends a body piece by piece, as far as the enclave has room for it. Resolves when the enclave has all of it, or wants no
 * more of it.
 *
 * @param credit pieces that may be sent before the enclave says more; @param ahead requests under way at once
 * @throws what the body fails with, what the carrier fails with, or {TeeError} of the enclave
 */
export async function sendBody(
  stream: ClientStream,
  body: ReadableStream<Uint8Array>,
  { credit, ahead }: { credit: number; ahead: number },
): Promise<void> {
  const reader = body.getReader();
  const sender = new PieceSender(stream, credit, ahead);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        await sender.send(new Uint8Array(), true);
        await sender.settle();
      }
      for (let at = 0; !done && at < value.length; at += maxChunkBytes) {
        await sender.send(value.subarray(at, at + maxChunkBytes), false);
      }
      if (!sender.isWanted) await reader.cancel();
      if (done || !sender.isWanted) return;
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}

/** Numbers pieces and sends them while there is credit. */
class PieceSender {
  readonly #stream: ClientStream;
  readonly #ahead: number;
  readonly #underWay = new Set<Promise<void>>();
  #limit: number;
  #index = 0;
  #failure: { error: unknown } | null = null;
  /** False when the call ended without reading all; how it ended is for the answer to say. */
  isWanted = true;

  constructor(stream: ClientStream, credit: number, ahead: number) {
    this.#stream = stream;
    this.#limit = credit;
    this.#ahead = ahead;
  }

  /** Resolves when the piece is on its way. */
  async send(bytes: Uint8Array, final: boolean): Promise<void> {
    const index = this.#index;
    while (this.isWanted && (index >= this.#limit || this.#underWay.size >= this.#ahead)) {
      // What is under way may bring credit; only when nothing is, it is asked for.
      if (this.#underWay.size === 0) this.#ask({ type: 'wait', stream: this.#stream.id, index });
      await Promise.race(this.#underWay);
      this.#throwFailure();
    }
    if (!this.isWanted) return;
    this.#index += 1;
    this.#ask({ type: 'data', stream: this.#stream.id, index, final, bytes });
  }

  /** Resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #ask(frame: RequestFrame): void {
    const asked = this.#stream
      .ask(frame)
      .then((reply) => this.#take(reply))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(asked));
    this.#underWay.add(asked);
  }

  #take(reply: ReplyFrame): void {
    if (reply.type === 'credit') this.#limit = Math.max(this.#limit, reply.limit);
    else if (reply.type === 'failed' && reply.code === 'ERR_CHANNEL_STREAM') this.isWanted = false;
    else if (reply.type === 'failed') throw failedCall(reply.code);
    else if (reply.type !== 'later') throw unexpected(reply);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** A reply of another kind than the request asks for. */
export function unexpected(reply: ReplyFrame): TeeError {
  return new TeeError('ERR_CHANNEL_PROTOCOL', 'The enclave replied with a frame of another kind.', {
    actual: reply.type,
  });
}
