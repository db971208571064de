/**
 * What stands, padded, inside a sealed request or response. The host sees none of it: not even whether a message belongs
 * to a call or to a stream. A stream is named by the sequence number of the request that opened it.
 */
import { isTeeErrorCode, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { FieldReader, type WireField } from './wire.ts';

/** Client to enclave. */
export type RequestFrame =
  /** A whole call. */
  | { type: 'call'; payload: Uint8Array }
  /** A streaming call begins; a body follows in data frames, or none. */
  | { type: 'open'; head: Uint8Array; hasBody: boolean }
  /** A piece of a body. */
  | { type: 'data'; stream: number; index: number; final: boolean; bytes: Uint8Array }
  /** Asks for the credit to send a piece. */
  | { type: 'wait'; stream: number; index: number }
  /** Asks for a piece of the answer: one credit. */
  | { type: 'pull'; stream: number; index: number }
  /** The client wants no more of a call or stream. */
  | { type: 'cancel'; call: number }
  /** Asks for a ticket to resume with. */
  | { type: 'ticket' };

/** Enclave to client, each the reply to one request. */
export type ReplyFrame =
  /** A whole answer. */
  | { type: 'answer'; payload: Uint8Array }
  /** The stream is open; so many pieces of the body may be sent. */
  | { type: 'opened'; window: number }
  /** Pieces of the body with a lower index than this may be sent. */
  | { type: 'credit'; limit: number }
  /** A cancel arrived. */
  | { type: 'done' }
  /** Nothing to say yet; ask again. */
  | { type: 'later' }
  /** A piece of the answer. Only `final` ends it; what was asked for beyond gets an empty final piece too. */
  | { type: 'chunk'; index: number; final: boolean; bytes: Uint8Array }
  /** To be shown in a later hello; lifetime in seconds. */
  | { type: 'ticket'; ticket: Uint8Array; lifetime: number }
  /** The call or stream failed. */
  | { type: 'failed'; code: TeeErrorCode };

/** Most bytes of a stream in one frame: with everything around them they fill a size class of 64 KiB. */
export const maxChunkBytes: number = 64 * 1024 - 64;

/** The fields of a frame, to be padded and sealed. */
export function frameFields(frame: RequestFrame | ReplyFrame): WireField[] {
  switch (frame.type) {
    case 'call':
    case 'answer':
      return [frame.type, frame.payload];
    case 'open':
      return [frame.type, frame.head, frame.hasBody];
    case 'data':
      return [frame.type, frame.stream, frame.index, frame.final, frame.bytes];
    case 'wait':
    case 'pull':
      return [frame.type, frame.stream, frame.index];
    case 'cancel':
      return [frame.type, frame.call];
    case 'opened':
      return [frame.type, frame.window];
    case 'credit':
      return [frame.type, frame.limit];
    case 'chunk':
      return [frame.type, frame.index, frame.final, frame.bytes];
    case 'ticket':
      return 'ticket' in frame ? [frame.type, frame.ticket, frame.lifetime] : [frame.type];
    case 'failed':
      return [frame.type, frame.code];
    case 'done':
    case 'later':
      return [frame.type];
  }
}

/** Reads a request frame; byte strings are views. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function parseRequestFrame(bytes: Uint8Array): RequestFrame {
  return parseWith(requestReaders, bytes);
}

/** Reads a reply frame; byte strings are views. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function parseReplyFrame(bytes: Uint8Array): ReplyFrame {
  return parseWith(replyReaders, bytes);
}

type Readers<Frame> = ReadonlyMap<string, (reader: FieldReader) => Frame>;

// By type and number of fields.
const requestReaders: Readers<RequestFrame> = new Map<string, (reader: FieldReader) => RequestFrame>([
  ['call/2', (r) => ({ type: 'call', payload: r.bytes() })],
  ['open/3', (r) => ({ type: 'open', head: r.bytes(), hasBody: r.boolean() })],
  [
    'data/5',
    (r) => ({ type: 'data', stream: r.uint(), index: r.uint(), final: r.boolean(), bytes: chunkOf(r.bytes()) }),
  ],
  ['wait/3', (r) => ({ type: 'wait', stream: r.uint(), index: r.uint() })],
  ['pull/3', (r) => ({ type: 'pull', stream: r.uint(), index: r.uint() })],
  ['cancel/2', (r) => ({ type: 'cancel', call: r.uint() })],
  ['ticket/1', () => ({ type: 'ticket' })],
]);

const replyReaders: Readers<ReplyFrame> = new Map<string, (reader: FieldReader) => ReplyFrame>([
  ['answer/2', (r) => ({ type: 'answer', payload: r.bytes() })],
  ['opened/2', (r) => ({ type: 'opened', window: r.uint() })],
  ['credit/2', (r) => ({ type: 'credit', limit: r.uint() })],
  ['done/1', () => ({ type: 'done' })],
  ['later/1', () => ({ type: 'later' })],
  ['chunk/4', (r) => ({ type: 'chunk', index: r.uint(), final: r.boolean(), bytes: chunkOf(r.bytes()) })],
  ['ticket/3', (r) => ({ type: 'ticket', ticket: r.bytes(), lifetime: r.uint() })],
  ['failed/2', (r) => ({ type: 'failed', code: codeOf(r.text(64)) })],
]);

function parseWith<Frame>(readers: Readers<Frame>, bytes: Uint8Array): Frame {
  const reader = new FieldReader(bytes);
  const count = reader.array();
  const read = readers.get(`${reader.text(16)}/${count}`);
  if (!read) throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A frame has no documented shape.');
  const frame = read(reader);
  reader.end();
  return frame;
}

function chunkOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= maxChunkBytes) return bytes;
  throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A piece of a stream is too long.', {
    expected: `at most ${maxChunkBytes} bytes`,
    actual: `${bytes.length} bytes`,
  });
}

// A code of a version that this one does not know yet.
function codeOf(text: string): TeeErrorCode {
  return isTeeErrorCode(text) ? text : 'ERR_INTERNAL';
}
