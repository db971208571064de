/**
 * Handing a keyring to another enclave: a new image, or the same image on another machine. The old enclave verifies the
 * new one's evidence and the approval; the new one verifies both as well, so that no host can plant a keyring it knows.
 */
import { checkEvidence, encodeClaims } from '@neo-service-layer/attestation/evidence';
import { type AppraisalPolicy, TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { malformed } from '../format/header.ts';
import { Keyring } from '../keyring/keyring.ts';
import { sha256 } from '../keys/key-schedule.ts';
import { type ApprovalRule, encodeSignedApproval, parseSignedApproval, requireApproval } from './approval.ts';
import { type GrantKeyPair, grantSuite } from './kem.ts';
import { grantRefused } from './refused.ts';

/** How the other enclave's evidence is judged. Measurement and security version come from the approval. */
export interface GrantTrust {
  /** Seconds since 1970. */
  now: number;
  /** What is demanded of the platform (TCB statuses, allowed platforms …). `allowSimulation` and `allowDebug` as ever. */
  platformPolicy?: Omit<AppraisalPolicy, 'mrEnclave' | 'minIsvSvn' | 'anyEnclave' | 'reportData'> | undefined;
  /** Root certificates (DER) beside Intel's, for simulation. */
  trustAnchors?: readonly Uint8Array[] | undefined;
}

const requestLabel = 'tee-seal/1 grant request';
const grantLabel = 'tee-seal/1 grant';

/** What the old enclave gives. */
export interface Grant {
  /** The keyring, encrypted to the new enclave, with the approval. Public. */
  document: Uint8Array;
  /** Claims for evidence of the old enclave (`buildEvidence`), without which the new one accepts nothing. */
  claims: Uint8Array;
}

/**
 * The old enclave's part: encrypts its keyring to the enclave whose evidence this is.
 *
 * @param options.mrEnclave the running enclave's own measurement, hex, from a report of itself
 * @param options.evidence what the new enclave built from {@link GrantReceiver.claims}
 * @throws {TeeError} ERR_SEAL_GRANT_REFUSED saying which condition does not hold, ERR_SEAL_FORMAT
 */
export async function grantKeyring(
  keyring: Keyring,
  options: GrantTrust & { mrEnclave: string; approval: Uint8Array; evidence: Uint8Array },
): Promise<Grant> {
  const signed = parseSignedApproval(options.approval);
  const { policy } = keyring;
  if (policy.kind !== 'grant') {
    throw grantRefused('This keyring is never handed over.', 'the policy "grant"', `the policy "${policy.kind}"`);
  }
  requireApproval(signed, policy, options.now);
  const { keyringId, fromMrEnclave, toMrEnclave, minIsvSvn } = signed.approval;
  requireSame('The approval is for another keyring.', toHex(keyringId), toHex(keyring.id));
  requireSame('The approval is for another old enclave.', fromMrEnclave, options.mrEnclave);
  const claims = await requireEvidence(
    options.evidence,
    { mrEnclave: [toMrEnclave], minIsvSvn },
    requestLabel,
    options,
  );
  const [, publicKey] = asArray(claims);
  if (!(publicKey instanceof Uint8Array)) throw malformed('the request', 'one with a public key');
  const content = keyring.encode();
  const info = sealingInfo(options.approval, publicKey);
  const recipient = await grantSuite.DeserializePublicKey(Uint8Array.from(publicKey));
  const { encapsulatedSecret, ciphertext } = await grantSuite.Seal(recipient, content, { info });
  content.fill(0);
  const document = encodeCanonical([grantLabel, encodeSignedApproval(signed), encapsulatedSecret, ciphertext]);
  return { document, claims: encodeClaims(grantLabel, sha256(document)) };
}

/** The new enclave's part. One receiver takes one keyring; its private key never leaves it. */
export class GrantReceiver {
  readonly #keys: GrantKeyPair;
  /** Claims for evidence of this enclave (`buildEvidence`), which the old one wants to see. */
  readonly claims: Uint8Array;
  readonly #publicKey: Uint8Array;

  private constructor(keys: GrantKeyPair, publicKey: Uint8Array) {
    this.#keys = keys;
    this.#publicKey = publicKey;
    this.claims = encodeClaims(requestLabel, publicKey);
  }

  static async create(): Promise<GrantReceiver> {
    const keys = await grantSuite.GenerateKeyPair();
    return new GrantReceiver(keys, await grantSuite.SerializePublicKey(keys.publicKey));
  }

  /**
   * Accepts a keyring.
   *
   * @param options.mrEnclave the running enclave's own measurement, hex, from a report of itself
   * @param options.evidence what the old enclave built from {@link Grant.claims}
   * @param options.rule who must have approved, from this enclave's measured configuration
   * @throws {TeeError} ERR_SEAL_GRANT_REFUSED saying which condition does not hold, ERR_SEAL_FORMAT
   */
  async accept(
    grant: Uint8Array,
    options: GrantTrust & { mrEnclave: string; evidence: Uint8Array; rule: ApprovalRule },
  ): Promise<Keyring> {
    const [label, approval, encapsulated, ciphertext] = asArray(grant);
    const areBytes = [approval, encapsulated, ciphertext].every((part) => part instanceof Uint8Array);
    if (label !== grantLabel || !areBytes) throw malformed('the grant', grantLabel);
    const [approvalBytes, secret, sealed] = [approval, encapsulated, ciphertext].map((part) =>
      part instanceof Uint8Array ? Uint8Array.from(part) : new Uint8Array(),
    );
    const signed = parseSignedApproval(approvalBytes ?? new Uint8Array());
    requireApproval(signed, options.rule, options.now);
    const { keyringId, fromMrEnclave, toMrEnclave } = signed.approval;
    requireSame('The approval is for another new enclave.', toMrEnclave, options.mrEnclave);
    const claims = await requireEvidence(options.evidence, { mrEnclave: [fromMrEnclave] }, grantLabel, options);
    const [, digest] = asArray(claims);
    const isTheirs = digest instanceof Uint8Array && Buffer.compare(digest, sha256(grant)) === 0;
    if (!isTheirs) throw grantRefused('The evidence of the old enclave is not for this grant.');
    const info = sealingInfo(approvalBytes ?? new Uint8Array(), this.#publicKey);
    const keyring = await grantSuite
      .Open(this.#keys, secret ?? new Uint8Array(), sealed ?? new Uint8Array(), { info })
      .then((content) => Keyring.decode(content))
      .catch(() => null);
    if (keyring === null) throw grantRefused('The keyring is encrypted to another enclave.');
    requireSame('The grant holds another keyring than the one approved.', toHex(keyringId), toHex(keyring.id));
    return keyring;
  }
}

/** Verifies evidence and returns its claims. */
async function requireEvidence(
  evidence: Uint8Array,
  identity: Pick<AppraisalPolicy, 'mrEnclave' | 'minIsvSvn'>,
  label: string,
  { platformPolicy, trustAnchors, now }: GrantTrust,
): Promise<Uint8Array> {
  const anchors = trustAnchors === undefined ? {} : { trustAnchors };
  const policy: AppraisalPolicy = { ...platformPolicy, ...identity };
  const { verdict, claims } = await checkEvidence(evidence, policy, { label, now, ...anchors });
  if (claims) return claims;
  throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'The evidence of the other enclave does not hold.', {
    expected: `MRENCLAVE ${identity.mrEnclave?.join()} and a trustworthy platform`,
    actual: verdict.error ? `${verdict.error.code}: ${verdict.error.message}` : 'a verdict that is not ok',
    hint: 'Verify the same evidence with "tee evidence check" to see every check.',
  });
}

function requireSame(message: string, approved: string, actual: string): void {
  if (approved !== actual) throw grantRefused(message, approved, actual);
}

function sealingInfo(approval: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return encodeCanonical([grantLabel, sha256(approval), publicKey]);
}

function asArray(bytes: Uint8Array) {
  let value: ReturnType<typeof decodeCanonical>;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw malformed('the document', 'canonical CBOR', cause);
  }
  return Array.isArray(value) ? value : [];
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
