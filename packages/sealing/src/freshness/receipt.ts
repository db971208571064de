/**
 * Receipts: what a client keeps so that the next answer cannot be older than the last one (the idea of LCM,
 * sealing-and-channel §1.7). Made and checked by the enclave; a client only carries them.
 */
import { timingSafeEqual } from 'node:crypto';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { malformed } from '../format/header.ts';
import { hmacSha256 } from '../keys/key-schedule.ts';
import type { AnchorEntry } from './freshness-anchor.ts';
import { rollback } from './rollback.ts';

const version = 'tee-seal/1 receipt';

/** Writes a receipt for a state of a namespace. `key` is 32 bytes that only enclaves of the keyring know. */
export function makeReceipt(key: Uint8Array, namespace: string, { epoch, chain }: AnchorEntry): Uint8Array {
  const content = encodeCanonical([version, namespace, epoch, chain]);
  return encodeCanonical([content, hmacSha256(key, content)]);
}

/**
 * Reads a receipt that a client presents.
 * @throws {TeeError} ERR_SEAL_FORMAT for one that no enclave of this keyring wrote for this namespace
 */
export function readReceipt(key: Uint8Array, namespace: string, receipt: Uint8Array): AnchorEntry {
  const [content, mac] = decodeArray(receipt, 2);
  if (!(content instanceof Uint8Array) || !(mac instanceof Uint8Array)) throw refused();
  const expected = hmacSha256(key, content);
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw refused();
  const [label, forNamespace, epoch, chain] = decodeArray(content, 4);
  if (label !== version || forNamespace !== namespace) throw refused();
  if (typeof epoch !== 'number' || !(chain instanceof Uint8Array)) throw refused();
  return { epoch, chain: Uint8Array.from(chain) };
}

/** The state is older than a receipt, or of another history. */
export function olderThanReceipt(receipt: AnchorEntry, epoch: number): Error {
  return rollback(
    'A client has seen another state than this one.',
    `epoch ${receipt.epoch} in its history`,
    `epoch ${epoch}`,
  );
}

function decodeArray(bytes: Uint8Array, length: number): CborValue[] {
  try {
    const value = decodeCanonical(bytes);
    if (Array.isArray(value) && value.length === length) return value;
  } catch {
    // The same refusal as for any other bytes.
  }
  throw refused();
}

function refused() {
  return malformed('the receipt', 'one that this keyring wrote for this namespace');
}
