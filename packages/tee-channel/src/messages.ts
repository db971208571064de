/**
 * The messages of tee-channel/1 as canonical CBOR arrays. Parsing trusts nothing: it only says that a message has the
 * shape; who made it is decided by the signature and the AEAD.
 */
import { isTeeErrorCode, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** Client to enclave: asks for a session. */
export interface Hello {
  type: 'hello';
  version: number;
  suites: number[];
  /** 32 random bytes; the enclave's signature covers them, which proves that it is alive now. */
  nonce: Uint8Array;
  /** SHA-256 of the evidence the client verified. */
  evidenceDigest: Uint8Array;
}

/** Enclave to client: a one-time key, signed by the attested identity key. */
export interface Welcome {
  type: 'welcome';
  suite: number;
  kemKey: Uint8Array;
  sessionId: Uint8Array;
  /** Unix seconds by the enclave's clock. */
  expires: number;
  signature: Uint8Array;
}

/** Client to enclave: one sealed call. */
export interface Request {
  type: 'request';
  sessionId: Uint8Array;
  sequence: number;
  /** HPKE's encapsulated key; the same in every request of a session. */
  enc: Uint8Array;
  sealed: Uint8Array;
}

/** Enclave to client: the sealed answer to one call. */
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

/** Encodes a message. */
export function encodeMessage(message: ChannelMessage): Uint8Array {
  switch (message.type) {
    case 'hello':
      return encodeCanonical(['hello', message.version, message.suites, message.nonce, message.evidenceDigest]);
    case 'welcome':
      return encodeCanonical(['welcome', ...welcomeFields(message), message.signature]);
    case 'request':
      return encodeCanonical(['request', message.sessionId, message.sequence, message.enc, message.sealed]);
    case 'response':
      return encodeCanonical(['response', message.nonce, message.sealed]);
    case 'refused':
      return encodeCanonical(['refused', message.code]);
  }
}

/** What the enclave's identity key signs: the hello it answers and every field of its welcome. */
export function welcomeSigningInput(helloDigest: Uint8Array, welcome: Omit<Welcome, 'type' | 'signature'>): Uint8Array {
  return encodeCanonical(['tee-channel/1 welcome', helloDigest, ...welcomeFields(welcome)]);
}

/** Reads any message. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function parseMessage(bytes: Uint8Array): ChannelMessage {
  let fields: CborValue;
  try {
    fields = decodeCanonical(bytes);
  } catch (cause) {
    throw malformed('canonical CBOR', cause);
  }
  if (!Array.isArray(fields)) throw malformed('an array');
  const [type, ...rest] = fields;
  const message = parsers[String(type)]?.(rest);
  if (message === undefined || message === null)
    throw malformed(`a well-formed message, got ${String(type).slice(0, 20)}`);
  return message;
}

const parsers: Record<string, ((fields: CborValue[]) => ChannelMessage | null) | undefined> = {
  hello: ([version, suites, nonce, evidenceDigest, ...more]) =>
    isCount(version) && isSuites(suites) && isBytes(nonce, 32) && isBytes(evidenceDigest, 32) && more.length === 0
      ? { type: 'hello', version, suites, nonce, evidenceDigest }
      : null,
  welcome: ([suite, kemKey, sessionId, expires, signature, ...more]) =>
    isCount(suite) &&
    isBytes(kemKey, 32) &&
    isBytes(sessionId, 16) &&
    isCount(expires) &&
    isBytes(signature, 64) &&
    more.length === 0
      ? { type: 'welcome', suite, kemKey, sessionId, expires, signature }
      : null,
  request: ([sessionId, sequence, enc, sealed, ...more]) =>
    isBytes(sessionId, 16) && isCount(sequence) && isBytes(enc, 32) && isBytes(sealed) && more.length === 0
      ? { type: 'request', sessionId, sequence, enc, sealed }
      : null,
  response: ([nonce, sealed, ...more]) =>
    isBytes(nonce, 32) && isBytes(sealed) && more.length === 0 ? { type: 'response', nonce, sealed } : null,
  refused: ([code, ...more]) => (isTeeErrorCode(code) && more.length === 0 ? { type: 'refused', code } : null),
};
Object.setPrototypeOf(parsers, null);

function welcomeFields(welcome: Omit<Welcome, 'type' | 'signature'>): CborValue[] {
  return [welcome.suite, welcome.kemKey, welcome.sessionId, welcome.expires];
}

function isBytes(value: CborValue | undefined, length?: number): value is Uint8Array {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}

function isCount(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSuites(value: CborValue | undefined): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.length <= 16 && value.every(isCount);
}

function malformed(expected: string, cause?: unknown): TeeError {
  return new TeeError('ERR_CHANNEL_PROTOCOL', 'A message does not follow tee-channel/1.', { expected, cause });
}
