/**
 * The messages that the host carries. Parsing trusts nothing: it only says that a message has the shape; who made it is
 * decided by the signature and the AEAD.
 */
import { isTeeErrorCode, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { refusalCodes } from './refusal-codes.ts';
import { encodeFields, encodeHead, FieldReader, type WireField } from './wire.ts';

/** Client to enclave: asks for a session. */
export interface Hello {
  type: 'hello';
  version: number;
  suites: number[];
  /** 32 random bytes; the enclave's signature covers them, which proves that it is alive now. */
  nonce: Uint8Array;
  /** Name of the service the client means, at most 255 bytes; empty for any. An enclave of another name refuses. */
  audience: string;
  /** SHA-256 of the evidence the client verified. */
  evidenceDigest: Uint8Array;
  /** A ticket of an earlier session, or nothing. */
  ticket: Uint8Array;
}

/** Enclave to client: a one-time key, signed by the attested identity key. */
export interface Welcome {
  type: 'welcome';
  suite: number;
  kemKey: Uint8Array;
  sessionId: Uint8Array;
  /** Seconds that the session lives from its first request. */
  lifetime: number;
  /** True when the keys also come from the ticket's secret. */
  resumed: boolean;
  signature: Uint8Array;
}

/** Client to enclave: one sealed request frame. */
export interface Request {
  type: 'request';
  sessionId: Uint8Array;
  sequence: number;
  /** HPKE's encapsulated key; the same in every request of a session. */
  enc: Uint8Array;
  sealed: Uint8Array;
}

/** Enclave to client: the sealed reply to one request. */
export interface Response {
  type: 'response';
  nonce: Uint8Array;
  sealed: Uint8Array;
}

/** Enclave to client, unauthenticated (the host could have made it): there will be no answer. */
export interface Refused {
  type: 'refused';
  code: TeeErrorCode;
}

/** Any message. */
export type ChannelMessage = Hello | Welcome | Request | Response | Refused;

const longestAudience = 255;
const longestTicket = 256;
const longestName = 64;
const mostSuites = 16;
/** Of the suites that there are; which of them a session has, its ends know. */
const kemKeyLengths = [32, 1216];
const encLengths = [32, 1120];

/** Encodes a message. @throws {TeeError} ERR_INVALID_ARGUMENT for an audience or ticket that is too long */
export function encodeMessage(message: ChannelMessage): Uint8Array {
  switch (message.type) {
    case 'hello': {
      const { version, suites, nonce, audience, evidenceDigest, ticket } = message;
      if (new TextEncoder().encode(audience).length > longestAudience || ticket.length > longestTicket) {
        throw new TeeError('ERR_INVALID_ARGUMENT', `An audience has at most ${longestAudience} bytes.`);
      }
      return encodeFields(['hello', version, suites, nonce, audience, evidenceDigest, ticket]);
    }
    case 'welcome':
      return encodeFields(['welcome', ...welcomeFields(message), message.signature]);
    case 'request':
      return encodeFields(['request', message.sessionId, message.sequence, message.enc, message.sealed]);
    case 'response':
      return encodeFields(['response', message.nonce, message.sealed]);
    case 'refused':
      return encodeFields(['refused', message.code]);
  }
}

/** A request up to its sealed bytes, which follow. */
export function requestHead(request: Omit<Request, 'type' | 'sealed'>, sealedLength: number): Uint8Array {
  return encodeHead(['request', request.sessionId, request.sequence, request.enc], sealedLength);
}

/** A response up to its sealed bytes, which follow. */
export function responseHead(nonce: Uint8Array, sealedLength: number): Uint8Array {
  return encodeHead(['response', nonce], sealedLength);
}

/** What the enclave's identity key signs: the hello it answers and every field of its welcome. */
export function welcomeSigningInput(helloDigest: Uint8Array, welcome: Omit<Welcome, 'type' | 'signature'>): Uint8Array {
  return encodeFields(['tee-channel/1 welcome', helloDigest, ...welcomeFields(welcome)]);
}

/** Reads any message; its byte strings are views of `bytes`. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function parseMessage(bytes: Uint8Array): ChannelMessage {
  const reader = new FieldReader(bytes);
  const count = reader.array();
  const message = readers.get(`${reader.text(longestName)}/${count}`)?.(reader);
  if (!message) {
    throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A message does not follow tee-channel/1.', {
      expected: 'hello, welcome, request, response or refused',
    });
  }
  reader.end();
  return message;
}

// By type and number of fields.
const readers = new Map<string, (reader: FieldReader) => ChannelMessage | null>([
  [
    'hello/7',
    (r) => ({
      type: 'hello',
      version: r.uint(),
      suites: r.uints(mostSuites),
      nonce: r.bytes(32),
      audience: r.text(longestAudience),
      evidenceDigest: r.bytes(32),
      ticket: atMost(r.bytes(), longestTicket),
    }),
  ],
  [
    'welcome/7',
    (r) => ({
      type: 'welcome',
      suite: r.uint(),
      kemKey: oneOf(r.bytes(), kemKeyLengths),
      sessionId: r.bytes(16),
      lifetime: r.uint(),
      resumed: r.boolean(),
      signature: r.bytes(64),
    }),
  ],
  [
    'request/5',
    (r) => ({
      type: 'request',
      sessionId: r.bytes(16),
      sequence: r.uint(),
      enc: oneOf(r.bytes(), encLengths),
      sealed: r.bytes(),
    }),
  ],
  ['response/3', (r) => ({ type: 'response', nonce: r.bytes(32), sealed: r.bytes() })],
  [
    'refused/2',
    (r) => {
      const code = r.text(longestName);
      return isTeeErrorCode(code) && refusalCodes.has(code) ? { type: 'refused', code } : null;
    },
  ],
]);

function welcomeFields(welcome: Omit<Welcome, 'type' | 'signature'>): WireField[] {
  const { suite, kemKey, sessionId, lifetime, resumed } = welcome;
  return [suite, kemKey, sessionId, lifetime, resumed];
}

function oneOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array {
  if (lengths.includes(bytes.length)) return bytes;
  throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A key is of no suite’s length.', {
    expected: `${lengths.join(' or ')} bytes`,
    actual: `${bytes.length} bytes`,
  });
}

function atMost(bytes: Uint8Array, most: number): Uint8Array {
  if (bytes.length <= most) return bytes;
  throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A ticket is too long.', { expected: `at most ${most} bytes` });
}
