/**
 * Frames of the host link: a length (u32 big endian) and that many bytes of canonical CBOR. Either end may be hostile
 * to the other, so a length is believed only up to {@link maxFrameBytes}, and memory grows with what arrived, not with
 * what was announced.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** Largest frame: a sealed call of 16 MiB with room for its wrapping. */
export const maxFrameBytes: number = 40 * 1024 * 1024;

/** One frame. Calls go both ways; `id` is chosen by the caller and repeated in the answer. */
export type LinkFrame =
  | { type: 'call'; id: number; name: string; body: Uint8Array }
  | { type: 'answer'; id: number; body: Uint8Array }
  | { type: 'failure'; id: number; code: string; message: string }
  | { type: 'notice'; name: string; body: Uint8Array };

const kinds = ['call', 'answer', 'failure', 'notice'] as const;

/** Encodes a frame with its length. @throws {TeeError} ERR_LINK_PROTOCOL when it is larger than {@link maxFrameBytes} */
export function encodeLinkFrame(frame: LinkFrame): Uint8Array {
  const content = encodeCanonical([kinds.indexOf(frame.type), ...fieldsOf(frame)]);
  if (content.length > maxFrameBytes) {
    throw new TeeError('ERR_LINK_PROTOCOL', 'A message is too large for the host link.', {
      expected: `at most ${maxFrameBytes} bytes`,
      actual: `${content.length} bytes`,
    });
  }
  const bytes = new Uint8Array(content.length + 4);
  new DataView(bytes.buffer).setUint32(0, content.length);
  bytes.set(content, 4);
  return bytes;
}

/** Cuts a byte stream into frames. */
export class LinkFrameReader {
  #chunks: Uint8Array[] = [];
  #buffered = 0;

  /** Takes bytes in, gives the frames they complete. @throws {TeeError} ERR_LINK_PROTOCOL; the stream is then lost */
  push(chunk: Uint8Array): LinkFrame[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const frames: LinkFrame[] = [];
    for (let content = this.#take(); content !== null; content = this.#take()) frames.push(parseFrame(content));
    return frames;
  }

  #take(): Uint8Array | null {
    if (this.#buffered < 4) return null;
    const header = this.#peek(4);
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0);
    if (length > maxFrameBytes) {
      throw new TeeError('ERR_LINK_PROTOCOL', 'The other end announced a frame that is too large.', {
        expected: `at most ${maxFrameBytes} bytes`,
        actual: `${length} bytes`,
      });
    }
    if (this.#buffered < 4 + length) return null;
    const bytes = this.#peek(4 + length);
    this.#chunks = this.#buffered === bytes.length ? [] : [this.#peek(this.#buffered).subarray(bytes.length)];
    this.#buffered -= bytes.length;
    return bytes.subarray(4);
  }

  /** The first `length` buffered bytes in one piece. Chunks are joined only once a whole frame has arrived. */
  #peek(length: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first.subarray(0, length);
    const joined = new Uint8Array(length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, length - offset);
      joined.set(part, offset);
      offset += part.length;
      if (offset === length) break;
    }
    return joined;
  }
}

function parseFrame(content: Uint8Array): LinkFrame {
  let fields: CborValue;
  try {
    fields = decodeCanonical(content);
  } catch (cause) {
    throw new TeeError('ERR_LINK_PROTOCOL', 'A frame is not canonical CBOR.', { cause });
  }
  if (Array.isArray(fields)) {
    const [kind, first, second, third, ...more] = fields;
    const type = typeof kind === 'number' ? kinds[kind] : undefined;
    if (type === 'call' && isId(first) && isText(second) && isBytes(third) && more.length === 0) {
      return { type, id: first, name: second, body: third };
    }
    if (type === 'answer' && isId(first) && isBytes(second) && third === undefined)
      return { type, id: first, body: second };
    if (type === 'failure' && isId(first) && isText(second) && isText(third) && more.length === 0) {
      return { type, id: first, code: second, message: third };
    }
    if (type === 'notice' && isText(first) && isBytes(second) && third === undefined)
      return { type, name: first, body: second };
  }
  throw new TeeError('ERR_LINK_PROTOCOL', 'A frame has none of the four shapes.');
}

function fieldsOf(frame: LinkFrame): CborValue[] {
  switch (frame.type) {
    case 'call':
      return [frame.id, frame.name, frame.body];
    case 'answer':
      return [frame.id, frame.body];
    case 'failure':
      return [frame.id, frame.code, frame.message];
    case 'notice':
      return [frame.name, frame.body];
  }
}

function isId(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: CborValue | undefined): value is string {
  return typeof value === 'string' && value.length <= 4096;
}

function isBytes(value: CborValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array;
}
