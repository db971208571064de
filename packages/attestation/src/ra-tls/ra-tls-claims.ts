import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { HashName } from '../crypto/backend.ts';
import { CborReader } from './cbor-reader.ts';

/** Hash algorithms of the claim pubkey-hash by their number (IANA Named Information Hash Algorithm Registry). */
const hashAlgorithms: Readonly<Record<number, { name: HashName; length: number }>> = {
  1: { name: 'SHA-256', length: 32 },
  7: { name: 'SHA-384', length: 48 },
  8: { name: 'SHA-512', length: 64 },
};

const keyHashName = 'pubkey-hash';
const nonceName = 'nonce';

/** The claims of the `dice` form (CCC Interoperable RA-TLS, "Evidence Custom Claims"). Nothing is verified. */
export interface RaTlsClaims {
  /** Hash over the SubjectPublicKeyInfo of the certificate. */
  keyHash: { algorithm: HashName; digest: Uint8Array };
  /** Bytes that a relying party asked for; null without the claim. */
  nonce: Uint8Array | null;
  /** Every other claim by its name, each as the CBOR it was written in. */
  custom: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads the claims: one CBOR map from names to values, each name once. Claims that are not known are kept.
 * @throws {TeeError} ERR_RATLS_FORMAT, ERR_RATLS_UNSUPPORTED for a hash that is not SHA-2 of at least 256 bits
 */
export function parseRaTlsClaims(bytes: Uint8Array): RaTlsClaims {
  const reader = new CborReader(bytes);
  const values = new Map<string, Uint8Array>();
  for (let left = reader.map(); left > 0; left -= 1) {
    const name = reader.text();
    if (values.has(name)) throw new TeeError('ERR_RATLS_FORMAT', 'A claim occurs twice.', { actual: name });
    values.set(name, reader.item());
  }
  reader.end();
  const keyHash = values.get(keyHashName);
  if (!keyHash) throw new TeeError('ERR_RATLS_FORMAT', 'The claims say nothing of a key.', { expected: keyHashName });
  const nonce = values.get(nonceName);
  const custom = [...values].filter(([name]) => name !== keyHashName && name !== nonceName);
  return {
    keyHash: readKeyHash(readBytes(keyHash)),
    nonce: nonce ? readBytes(nonce) : null,
    custom: new Map(custom),
  };
}

function readBytes(item: Uint8Array): Uint8Array {
  return new CborReader(item).bytes();
}

/** CBOR `[algorithm, digest]`. */
function readKeyHash(bytes: Uint8Array): RaTlsClaims['keyHash'] {
  const reader = new CborReader(bytes);
  if (reader.array() !== 2) throw new TeeError('ERR_RATLS_FORMAT', 'The claim pubkey-hash is not a hash entry.');
  const number = reader.unsigned();
  const digest = reader.bytes();
  reader.end();
  const algorithm = hashAlgorithms[number];
  if (!algorithm) {
    throw new TeeError('ERR_RATLS_UNSUPPORTED', 'The claim pubkey-hash uses another hash algorithm.', {
      expected: '1 (sha-256), 7 (sha-384) or 8 (sha-512)',
      actual: String(number),
    });
  }
  if (digest.length !== algorithm.length) {
    throw new TeeError('ERR_RATLS_FORMAT', 'The hash of the key has the wrong length.', {
      expected: `${algorithm.length} bytes`,
      actual: `${digest.length} bytes`,
    });
  }
  return { algorithm: algorithm.name, digest };
}

/** What goes into the claims of a certificate of our own. */
export interface ClaimsInput {
  /** SHA-256 over the SubjectPublicKeyInfo. */
  keyDigest: Uint8Array;
  nonce?: Uint8Array | undefined;
  /** Further claims by name. */
  custom?: Readonly<Record<string, CborValue>> | undefined;
}

/**
 * Writes claims that {@link parseRaTlsClaims} reads.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a custom claim of a reserved name, ERR_CBOR for one without an encoding
 */
export function encodeRaTlsClaims({ keyDigest, nonce, custom = {} }: ClaimsInput): Uint8Array {
  const claims = new Map<string, CborValue>([[keyHashName, encodeCanonical([1, keyDigest])]]);
  if (nonce) claims.set(nonceName, nonce);
  for (const [name, value] of Object.entries(custom)) {
    if (name === keyHashName || name === nonceName) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'A custom claim has a reserved name.', { actual: name });
    }
    claims.set(name, value);
  }
  return encodeCanonical(claims);
}
