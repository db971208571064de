/**
 * What an enclave and a witness say to one another, in canonical CBOR (docs/tee-seal.md, "Witness"). The relay between
 * them is the host: requests are signed by the enclave's writer key, answers by the witness, and an answer names the
 * request it answers, which holds a nonce.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { AnchorEntry } from '../freshness/freshness-anchor.ts';

/** A question to a witness. */
export interface WitnessRequest {
  operation: 'read' | 'advance';
  /** 16 bytes. */
  nonce: Uint8Array;
  namespace: string;
  /** For `advance`. */
  from: AnchorEntry | null;
  /** For `advance`. */
  to: AnchorEntry | null;
  /** Ed25519 public key of who may advance the namespace: the first one to advance it. */
  writer: Uint8Array;
}

/** The answer. */
export interface WitnessAnswer {
  /** SHA-256 of the request's bytes. */
  request: Uint8Array;
  /** `refused`: the namespace is not at `from`, or belongs to another writer. */
  status: 'ok' | 'refused';
  /** Where the namespace is now. */
  entry: AnchorEntry | null;
}

/** Longest message of either side. */
export const maxWitnessBytes = 4096;

const requestLabel = 'tee-seal/1 witness request';
const answerLabel = 'tee-seal/1 witness answer';

/** The bytes of a request that are signed. */
export function encodeRequest({ operation, nonce, namespace, from, to, writer }: WitnessRequest): Uint8Array {
  return encodeCanonical([requestLabel, operation, nonce, namespace, encodeEntry(from), encodeEntry(to), writer]);
}

/** Reads a request. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeRequest(bytes: Uint8Array): WitnessRequest {
  const [label, operation, nonce, namespace, from, to, writer] = fieldsOf(bytes, 7);
  if (label !== requestLabel || (operation !== 'read' && operation !== 'advance')) throw refused();
  if (typeof namespace !== 'string' || namespace.length > 200) throw refused();
  return {
    operation,
    nonce: bytesOf(nonce, 16),
    namespace,
    from: decodeEntry(from),
    to: decodeEntry(to),
    writer: bytesOf(writer, 32),
  };
}

/** The bytes of an answer that are signed. */
export function encodeAnswer({ request, status, entry }: WitnessAnswer): Uint8Array {
  return encodeCanonical([answerLabel, request, status, encodeEntry(entry)]);
}

/** Reads an answer. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeAnswer(bytes: Uint8Array): WitnessAnswer {
  const [label, request, status, entry] = fieldsOf(bytes, 4);
  if (label !== answerLabel || (status !== 'ok' && status !== 'refused')) throw refused();
  return { request: bytesOf(request, 32), status, entry: decodeEntry(entry) };
}

/** Puts a signature beside what it signs. */
export function encodeSigned(content: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCanonical([content, signature]);
}

/** Takes them apart; the signature is not checked yet. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeSigned(bytes: Uint8Array): { content: Uint8Array; signature: Uint8Array } {
  if (bytes.length > maxWitnessBytes) throw refused();
  const [content, signature] = fieldsOf(bytes, 2);
  if (!(content instanceof Uint8Array)) throw refused();
  return { content: Uint8Array.from(content), signature: bytesOf(signature, 64) };
}

/** An entry as it stands in messages. */
export function encodeEntry(entry: AnchorEntry | null): CborValue {
  return entry && [entry.epoch, entry.chain];
}

/** Reads an entry. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeEntry(value: CborValue | undefined): AnchorEntry | null {
  if (value === null) return null;
  if (!Array.isArray(value) || value.length !== 2) throw refused();
  const [epoch, chain] = value;
  if (typeof epoch !== 'number' || !Number.isInteger(epoch) || epoch < 1 || epoch > 0xffff_ffff) throw refused();
  return { epoch, chain: bytesOf(chain, 32) };
}

function fieldsOf(bytes: Uint8Array, count: number): CborValue[] {
  let value: CborValue;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw refused(cause);
  }
  if (!Array.isArray(value) || value.length !== count) throw refused();
  return value;
}

function bytesOf(value: CborValue | undefined, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return Uint8Array.from(value);
  throw refused();
}

function refused(cause?: unknown): TeeError {
  return new TeeError('ERR_SEAL_FORMAT', 'The bytes are not a message of a witness.', { cause });
}
