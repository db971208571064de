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
 * Sends a body piece by piece; at most `window` pieces are on their way or unread by the enclave at once. Resolves when
 * the enclave has read all of it, or wants no more of it.
 *
 * @throws what the body fails with, what the carrier fails with, or {TeeError} of the enclave
 */
export async function sendBody(stream: ClientStream, body: ReadableStream<Uint8Array>, window: number): Promise<void> {
  const reader = body.getReader();
  const unread = new Set<Promise<void>>();
  let index = 0;
  let isWanted = true;
  let failure: { error: unknown } | null = null;
  const send = (bytes: Uint8Array, final: boolean) => {
    const sent = sendPiece(stream, index, final, bytes)
      .then((wanted) => {
        isWanted &&= wanted;
      })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => unread.delete(sent));
    index += 1;
    unread.add(sent);
  };
  const hasRoom = async () => {
    while (unread.size >= window) await Promise.race(unread);
    if (failure !== null) throw failure.error;
    return isWanted;
  };
  try {
    for (let next = await reader.read(); isWanted; next = await reader.read()) {
      if (next.done) {
        if (await hasRoom()) send(new Uint8Array(), true);
        break;
      }
      for (let at = 0; at < next.value.length; at += maxChunkBytes) {
        if (await hasRoom()) send(next.value.subarray(at, at + maxChunkBytes), false);
      }
    }
    await Promise.all(unread);
    await hasRoom();
    if (!isWanted) await reader.cancel();
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}

/** True when the piece was read; false when the enclave has no use for the rest. */
async function sendPiece(
  { ask, id }: ClientStream,
  index: number,
  final: boolean,
  bytes: Uint8Array,
): Promise<boolean> {
  let reply = await ask({ type: 'data', stream: id, index, final, bytes });
  while (reply.type === 'later') reply = await ask({ type: 'wait', stream: id, index });
  if (reply.type === 'taken') return true;
  if (reply.type !== 'failed') throw unexpected(reply);
  // The call ended without reading all; how it ended is for the answer to say.
  if (reply.code === 'ERR_CHANNEL_STREAM') return false;
  throw failedCall(reply.code);
}

/** A reply of another kind than the request asks for. */
export function unexpected(reply: ReplyFrame): TeeError {
  return new TeeError('ERR_CHANNEL_PROTOCOL', 'The enclave replied with a frame of another kind.', {
    actual: reply.type,
  });
}
