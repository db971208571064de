/**
 * Approvals: what the named approvers of a keyring sign, offline, so that it may go from one measurement to another.
 * `tee keyring approve` makes one; the enclaves on both sides check it.
 */
import type { KeyObject } from 'node:crypto';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '../crypto/ed25519.ts';
import { malformed } from '../format/header.ts';
import { grantRefused } from './refused.ts';

/** What is approved. */
export interface GrantApproval {
  /** 16 bytes. */
  keyringId: Uint8Array;
  /** Hex. */
  fromMrEnclave: string;
  /** Hex; the same as `fromMrEnclave` for a move to another machine. */
  toMrEnclave: string;
  /** Lowest ISVSVN of the receiving enclave. */
  minIsvSvn: number;
  /** Seconds since 1970; not valid afterwards. */
  notAfter: number;
}

/** An approval with the signatures collected so far. */
export interface SignedApproval {
  approval: GrantApproval;
  signatures: { publicKey: Uint8Array; signature: Uint8Array }[];
}

/** Who must have signed. */
export interface ApprovalRule {
  /** Ed25519 public keys. */
  approvers: readonly Uint8Array[];
  /** How many of them. */
  threshold: number;
}

const version = 'tee-seal/1 approval';

/** Adds a signature. @param key Ed25519 private key of an approver */
export function signApproval({ approval, signatures }: SignedApproval, key: KeyObject): SignedApproval {
  const signature = ed25519Sign(key, encodeApproval(approval));
  return { approval, signatures: [...signatures, { publicKey: ed25519PublicKey(key), signature }] };
}

/** An approval as a document. */
export function encodeSignedApproval({ approval, signatures }: SignedApproval): Uint8Array {
  const rows = signatures.map(({ publicKey, signature }) => [publicKey, signature]);
  return encodeCanonical([encodeApproval(approval), rows]);
}

/** Reads an approval; whether it holds is for {@link requireApproval} to say. @throws {TeeError} ERR_SEAL_FORMAT */
export function parseSignedApproval(bytes: Uint8Array): SignedApproval {
  const [content, rows] = fields(bytes, 2);
  if (!(content instanceof Uint8Array) || !Array.isArray(rows) || rows.length > 64) throw refusedForm();
  const [label, keyringId, from, to, minIsvSvn, notAfter] = fields(content, 6);
  if (label !== version || typeof minIsvSvn !== 'number' || typeof notAfter !== 'number') throw refusedForm();
  const hex = (value: CborValue | undefined) => Buffer.from(bytesOf(value, 32)).toString('hex');
  return {
    approval: {
      keyringId: bytesOf(keyringId, 16),
      fromMrEnclave: hex(from),
      toMrEnclave: hex(to),
      minIsvSvn,
      notAfter,
    },
    signatures: rows.map((row) => {
      if (!Array.isArray(row) || row.length !== 2) throw refusedForm();
      return { publicKey: bytesOf(row[0], 32), signature: bytesOf(row[1], 64) };
    }),
  };
}

/**
 * Requires that enough approvers signed and that the time has not passed.
 * @param now seconds since 1970
 * @throws {TeeError} ERR_SEAL_GRANT_REFUSED
 */
export function requireApproval({ approval, signatures }: SignedApproval, rule: ApprovalRule, now: number): void {
  const content = encodeApproval(approval);
  const signers = rule.approvers.filter((approver) =>
    signatures.some(
      ({ publicKey, signature }) =>
        Buffer.compare(publicKey, approver) === 0 && ed25519Verify(approver, content, signature),
    ),
  );
  const distinct = new Set(signers.map((key) => Buffer.from(key).toString('hex')));
  if (!(rule.threshold >= 1 && distinct.size >= rule.threshold)) {
    throw grantRefused('Too few approvers have signed.', `${rule.threshold} signatures`, `${distinct.size} that hold`);
  }
  if (!(now <= approval.notAfter)) {
    throw grantRefused('The approval has expired.', `a time up to ${approval.notAfter}`, `${now}`);
  }
}

function encodeApproval({ keyringId, fromMrEnclave, toMrEnclave, minIsvSvn, notAfter }: GrantApproval): Uint8Array {
  const measurement = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
  return encodeCanonical([
    version,
    keyringId,
    measurement(fromMrEnclave),
    measurement(toMrEnclave),
    minIsvSvn,
    notAfter,
  ]);
}

function fields(bytes: Uint8Array, count: number): CborValue[] {
  let value: CborValue;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    throw refusedForm(cause);
  }
  if (!Array.isArray(value) || value.length !== count) throw refusedForm();
  return value;
}

function bytesOf(value: CborValue | undefined, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return Uint8Array.from(value);
  throw refusedForm();
}

function refusedForm(cause?: unknown) {
  return malformed('the approval', version, cause);
}
