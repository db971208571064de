/**
 * Recovery over a host that may see nothing: the enclave that takes over asks with evidence, each holder verifies it
 * offline and seals the share to it. The holder's own key authenticates the share, so that no host can pass off a
 * recovery document of its own making: a share speaks for the one document that its holder has looked at.
 */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { checkEvidence, encodeClaims } from '@neo-service-layer/attestation/evidence';
import { type AppraisalPolicy, TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { malformed } from '../format/header.ts';
import { sha256 } from '../keys/key-schedule.ts';
import { grantSuite } from './kem.ts';
import { openRecoveryShare } from './recovery.ts';
import { grantRefused } from './refused.ts';
import type { SecretShare } from './secret-sharing.ts';

const requestLabel = 'tee-seal/1 recovery request';
const shareLabel = 'tee-seal/1 recovery share';
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex'); // PKCS #8 (RFC 8410 §7)
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex'); // SubjectPublicKeyInfo (RFC 8410 §4)

/** By what a holder judges the enclave that asks. */
export interface RecoveryTrust {
  /** Must name the enclave: MRENCLAVE. */
  policy: AppraisalPolicy;
  /** Seconds since 1970. */
  now: number;
  /** Root certificates (DER) beside Intel's, for simulation. */
  trustAnchors?: readonly Uint8Array[] | undefined;
}

/**
 * A holder's step, on the holder's own machine: opens the share that is for this key and seals it to the enclave whose
 * evidence this is.
 * @param privateKey X25519 private key, 32 bytes
 * @throws {TeeError} ERR_SEAL_GRANT_REFUSED when the evidence does not hold or no share is for this key, ERR_SEAL_FORMAT
 */
export async function sealRecoveryShare(
  document: Uint8Array,
  privateKey: Uint8Array,
  { evidence, policy, now, trustAnchors }: RecoveryTrust & { evidence: Uint8Array },
): Promise<Uint8Array> {
  const anchors = trustAnchors === undefined ? {} : { trustAnchors };
  const { verdict, claims } = await checkEvidence(evidence, policy, { label: requestLabel, now, ...anchors });
  if (!claims) {
    const actual = verdict.error ? `${verdict.error.code}: ${verdict.error.message}` : 'a verdict that is not ok';
    throw grantRefused('The evidence of the enclave that asks does not hold.', 'evidence by the policy given', actual);
  }
  const requestKey = fieldsOf(claims, requestLabel, 2)[1];
  const { x, bytes } = await openRecoveryShare(document, privateKey);
  const own = createPrivateKey({ key: Buffer.concat([privatePrefix, privateKey]), format: 'der', type: 'pkcs8' });
  const holder = rawPublicKey(own);
  const recipient = await grantSuite.DeserializePublicKey(requestKey);
  const { encapsulatedSecret, ciphertext } = await grantSuite.Seal(recipient, encodeCanonical([x, bytes]), {
    info: infoOf(document, requestKey),
    psk: sharedSecret(own, requestKey),
    pskId: holder,
  });
  bytes.fill(0);
  return encodeCanonical([shareLabel, holder, encapsulatedSecret, ciphertext]);
}

/** The enclave's end. Its private key never leaves it; it is good for one recovery. */
export class RecoveryReceiver {
  readonly #key: KeyObject;
  readonly #publicKey: Uint8Array;
  /** Claims for evidence of this enclave (`buildEvidence`), which each holder wants to see. */
  readonly claims: Uint8Array;

  constructor() {
    this.#key = generateKeyPairSync('x25519').privateKey;
    this.#publicKey = rawPublicKey(this.#key);
    this.claims = encodeClaims(requestLabel, this.#publicKey);
  }

  /**
   * Opens a share that one of these holders sealed for this request and this document.
   * @param holders X25519 public keys, from this enclave's measured configuration
   * @returns the share and whose it is
   * @throws {TeeError} ERR_SEAL_GRANT_REFUSED, ERR_SEAL_FORMAT
   */
  async open(
    share: Uint8Array,
    document: Uint8Array,
    holders: readonly Uint8Array[],
  ): Promise<SecretShare & { holder: Uint8Array }> {
    const [, holder, encapsulated, ciphertext] = fieldsOf(share, shareLabel, 4);
    if (!holders.some((known) => Buffer.compare(known, holder) === 0)) {
      throw grantRefused('The share is of somebody who holds no recovery key of this image.');
    }
    const der = this.#key.export({ format: 'der', type: 'pkcs8' });
    const key = await grantSuite.DeserializePrivateKey(new Uint8Array(der.subarray(privatePrefix.length)), true);
    const content = await grantSuite
      .Open(key, encapsulated, ciphertext, {
        info: infoOf(document, this.#publicKey),
        psk: sharedSecret(this.#key, holder),
        pskId: holder,
      })
      .catch(() => null);
    der.fill(0);
    if (content === null) throw grantRefused('The share is for another request, or another recovery document.');
    const value = decodeCanonical(content);
    const [x, bytes] = Array.isArray(value) ? value : [];
    if (typeof x === 'number' && bytes instanceof Uint8Array) return { x, bytes: Uint8Array.from(bytes), holder };
    throw malformed('the recovery share', shareLabel);
  }
}

function infoOf(document: Uint8Array, requestKey: Uint8Array): Uint8Array {
  return encodeCanonical([shareLabel, sha256(document), requestKey]);
}

/** Known to the holder and the enclave alone: what only one of them could have sealed with it is the holder's. */
function sharedSecret(privateKey: KeyObject, publicKey: Uint8Array): Uint8Array {
  try {
    const other = createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' });
    return new Uint8Array(diffieHellman({ privateKey, publicKey: other }));
  } catch (cause) {
    throw new TeeError('ERR_SEAL_FORMAT', 'A key of the recovery is no X25519 public key.', { cause });
  }
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(publicPrefix.length));
}

/** The byte strings of a labelled array; the label is the first element and stands as no bytes. */
function fieldsOf(bytes: Uint8Array, label: string, length: 2): [Uint8Array, Uint8Array];
function fieldsOf(bytes: Uint8Array, label: string, length: 4): [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
function fieldsOf(bytes: Uint8Array, label: string, length: number): Uint8Array[] {
  let value: CborValue;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw malformed('the recovery message', label, cause);
  }
  const [first, ...rest] = Array.isArray(value) ? value : [];
  const parts = rest.flatMap((part) => (part instanceof Uint8Array ? [Uint8Array.from(part)] : []));
  if (first !== label || parts.length !== length - 1 || rest.length !== length - 1)
    throw malformed('the recovery message', label);
  return [new Uint8Array(), ...parts];
}
