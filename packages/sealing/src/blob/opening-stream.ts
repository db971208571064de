import { aeadLengths } from '../aead/aead.ts';
import { type EnvelopePrefix, maxPrefixBytes, parsePrefix, requireWholeBody, truncated } from '../format/envelope.ts';
import { malformed } from '../format/header.ts';
import type { BlobCipher } from './blob-cipher.ts';
import { chunkRefused, requireLength } from './body.ts';
import { ByteQueue } from './byte-queue.ts';

/** A stream that opens what goes through it. Nothing of a chunk comes out before the whole chunk authenticated. */
export function openingStream(
  start: (prefix: EnvelopePrefix) => Promise<{ cipher: BlobCipher }>,
): TransformStream<Uint8Array, Uint8Array> {
  const queue = new ByteQueue();
  let opened: { cipher: BlobCipher; bodyLength: number | null } | null = null;
  let index = 0;
  let seen = 0;
  const begin = async () => {
    if (opened) return opened;
    const head = queue.peek(maxPrefixBytes);
    const prefix = parsePrefix(head);
    if (prefix === null) {
      if (head.length === maxPrefixBytes) throw malformed('the header', `at most ${maxPrefixBytes} bytes`);
      return null;
    }
    const { cipher } = await start(prefix);
    queue.take(prefix.length);
    opened = { cipher, bodyLength: prefix.bodyLength };
    return opened;
  };
  const openChunk = (cipher: BlobCipher, sealed: Uint8Array, isLast: boolean): Uint8Array => {
    const plaintext = new Uint8Array(Math.max(sealed.length - aeadLengths.tag, 0));
    if (!cipher.openChunk(index, isLast, sealed, plaintext)) throw chunkRefused(cipher, index, isLast, sealed);
    index += 1;
    seen += sealed.length;
    return plaintext;
  };
  return new TransformStream({
    transform: async (piece, controller) => {
      queue.push(piece);
      const state = await begin();
      if (state === null) return;
      const sealedSize = state.cipher.header.chunkSize + aeadLengths.tag;
      while (queue.length > sealedSize) {
        controller.enqueue(openChunk(state.cipher, queue.take(sealedSize), false));
      }
    },
    flush: async (controller) => {
      if (queue.length === 0 && opened === null) throw malformed('the blob', 'at least one byte');
      const state = await begin();
      if (state === null) throw truncated('a whole header', `${queue.length} bytes`);
      const last = queue.take(queue.length);
      requireWholeBody(state.bodyLength, seen + last.length);
      requireLength(state.cipher, seen + last.length);
      const plaintext = openChunk(state.cipher, last, true);
      if (plaintext.length > 0) controller.enqueue(plaintext);
      state.cipher.close();
    },
  });
}
