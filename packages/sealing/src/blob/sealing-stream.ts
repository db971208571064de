import { aeadLengths } from '../aead/aead.ts';
import { encodePrefix } from '../format/envelope.ts';
import type { BlobCipher } from './blob-cipher.ts';
import { ByteQueue } from './byte-queue.ts';

/** A stream that seals what goes through it. Holds one chunk back, since only the last one is marked as such. */
export function sealingStream(
  start: () => Promise<{ protectedBytes: Uint8Array; cipher: BlobCipher }>,
): TransformStream<Uint8Array, Uint8Array> {
  const queue = new ByteQueue();
  let started: BlobCipher | null = null;
  let index = 0;
  const begin = async (controller: TransformStreamDefaultController<Uint8Array>): Promise<BlobCipher> => {
    if (started) return started;
    const { protectedBytes, cipher } = await start();
    controller.enqueue(encodePrefix(protectedBytes, null));
    started = cipher;
    return cipher;
  };
  const sealChunk = (cipher: BlobCipher, plaintext: Uint8Array, isLast: boolean): Uint8Array => {
    const sealed = new Uint8Array(plaintext.length + aeadLengths.tag);
    cipher.sealChunk(index, isLast, plaintext, sealed);
    index += 1;
    return sealed;
  };
  return new TransformStream({
    transform: async (piece, controller) => {
      const cipher = await begin(controller);
      const { chunkSize } = cipher.header;
      queue.push(piece);
      while (queue.length > chunkSize) controller.enqueue(sealChunk(cipher, queue.take(chunkSize), false));
    },
    flush: async (controller) => {
      const cipher = await begin(controller);
      controller.enqueue(sealChunk(cipher, queue.take(queue.length), true));
      cipher.close();
    },
  });
}
