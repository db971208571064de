/**
 * Recovery: a copy of a keyring for the day the machine dies, encrypted so that n of m holders of offline keys can open
 * it together. Say it to the users of an enclave that has one: those holders can read everything.
 */
import { randomBytes } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { nodeAes256Gcm } from '../aead/node-aead.ts';
import { malformed } from '../format/header.ts';
import { Keyring } from '../keyring/keyring.ts';
import { hkdfSha256 } from '../keys/key-schedule.ts';
import { grantSuite } from './kem.ts';
import { grantRefused } from './refused.ts';
import { joinSecret, type SecretShare, splitSecret } from './secret-sharing.ts';

/** Who can recover. */
export interface RecoveryRule {
  /** X25519 public keys of the holders, 32 bytes each. */
  holders: readonly Uint8Array[];
  /** How many of them it takes. */
  threshold: number;
  /** Source of the secret; must be unpredictable. Default node:crypto. */
  rng?: ((length: number) => Uint8Array) | undefined;
}

const version = 'tee-seal/1 recovery';
const infoFor = (keyringId: Uint8Array, x: number) => encodeCanonical([version, keyringId, x]);

/** Makes the recovery document of a keyring as it is now. Public: it can lie anywhere. @throws {TeeError} ERR_INVALID_ARGUMENT */
export async function makeRecovery(
  keyring: Keyring,
  { holders, threshold, rng = randomBytes }: RecoveryRule,
): Promise<Uint8Array> {
  if (!(threshold >= 1 && threshold <= holders.length && holders.length <= 255 && Number.isInteger(threshold))) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'Recovery takes 1 to all of at most 255 holders.');
  }
  const secret = Uint8Array.from(rng(32));
  const shares: CborValue[] = [];
  for (const { x, bytes } of splitSecret(secret, threshold, holders.length, rng)) {
    const holder = holders[x - 1] ?? new Uint8Array();
    const publicKey = await grantSuite.DeserializePublicKey(Uint8Array.from(holder));
    const { encapsulatedSecret, ciphertext } = await grantSuite.Seal(publicKey, bytes, {
      info: infoFor(keyring.id, x),
    });
    shares.push([holder, encapsulatedSecret, ciphertext]);
    bytes.fill(0);
  }
  const header = encodeCanonical([version, keyring.id, threshold, shares]);
  const content = keyring.encode();
  const sealed = new Uint8Array(content.length + 16);
  // The secret is used once, so the nonce may be fixed; the header with the shares is authenticated along.
  nodeAes256Gcm.seal(keyOf(secret, keyring.id), new Uint8Array(12), header, content, sealed);
  content.fill(0);
  secret.fill(0);
  return encodeCanonical([header, sealed]);
}

/**
 * One holder's step, on the holder's own machine: opens the share that is encrypted to this key.
 * @param privateKey X25519 private key, 32 bytes
 * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_GRANT_REFUSED when no share is for this key
 */
export async function openRecoveryShare(document: Uint8Array, privateKey: Uint8Array): Promise<SecretShare> {
  const { keyringId, shares } = parseRecovery(document);
  const key = await grantSuite.DeserializePrivateKey(Uint8Array.from(privateKey), true);
  for (const [index, { encapsulated, ciphertext }] of shares.entries()) {
    const x = index + 1;
    const bytes = await grantSuite
      .Open(key, encapsulated, ciphertext, { info: infoFor(keyringId, x) })
      .catch(() => null);
    if (bytes) return { x, bytes };
  }
  throw grantRefused('No share of this recovery document is for this key.');
}

/**
 * The last step, in the enclave that takes over: joins the shares.
 * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_GRANT_REFUSED for too few or wrong shares or a changed document
 */
export function recoverKeyring(document: Uint8Array, shares: readonly SecretShare[]): Keyring {
  const { keyringId, threshold, header, sealed } = parseRecovery(document);
  const distinct = [...new Map(shares.map((share) => [share.x, share])).values()];
  if (distinct.length < threshold) {
    throw grantRefused('Too few holders have opened their shares.', `${threshold}`, `${distinct.length}`);
  }
  const secret = joinSecret(distinct.slice(0, threshold));
  const content = new Uint8Array(Math.max(sealed.length - 16, 0));
  if (!nodeAes256Gcm.open(keyOf(secret, keyringId), new Uint8Array(12), header, sealed, content)) {
    throw grantRefused('A share is not of this document, or the document was changed.');
  }
  const keyring = Keyring.decode(content);
  content.fill(0);
  secret.fill(0);
  return keyring;
}

function keyOf(secret: Uint8Array, keyringId: Uint8Array): Uint8Array {
  return hkdfSha256(secret, keyringId, new TextEncoder().encode(version), 32);
}

function parseRecovery(document: Uint8Array) {
  try {
    const [header, sealed] = arrayOf(document, 2);
    const [label, keyringId, threshold, rows] = arrayOf(bytesOf(header), 4);
    if (label !== version || typeof threshold !== 'number' || !Array.isArray(rows)) throw new TypeError('other fields');
    const shares = rows.map((row) => {
      if (!Array.isArray(row) || row.length !== 3) throw new TypeError('not a share');
      return { encapsulated: bytesOf(row[1]), ciphertext: bytesOf(row[2]) };
    });
    return { keyringId: bytesOf(keyringId), threshold, shares, header: bytesOf(header), sealed: bytesOf(sealed) };
  } catch (cause) {
    throw malformed('the recovery document', version, cause);
  }
}

function arrayOf(bytes: Uint8Array, length: number): CborValue[] {
  const value = decodeCanonical(bytes);
  if (Array.isArray(value) && value.length === length) return value;
  throw new TypeError('not an array of that length');
}

function bytesOf(value: CborValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  throw new TypeError('not bytes');
}
