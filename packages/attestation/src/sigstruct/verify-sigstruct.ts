import { crypto } from '#crypto';
import type { SigStruct } from './parse-sigstruct.ts';

/** What the signature of a SIGSTRUCT is worth. */
export interface SigStructVerdict {
  /** All of the following. */
  ok: boolean;
  /** The signature (RSA-3072, PKCS #1 v1.5, SHA-256) is one of the modulus over the signed bytes. */
  signature: boolean;
  /** Q1 and Q2 are what EINIT computes with; a processor refuses others. */
  quotients: boolean;
  /** SHA-256 of the modulus as it stands: MRSIGNER, 32 bytes. */
  mrSigner: Uint8Array;
}

/** DigestInfo of SHA-256 (RFC 8017 §9.2, note 1). */
const digestInfo = '3031300d060960864801650304020105000420';

/**
 * Verifies the signature of a SIGSTRUCT, as EINIT does. It says who signed the enclave, not whether to trust them, and not
 * whether an enclave beside it has that measurement: that only the processor says, in a report.
 */
export async function verifySigStruct(struct: SigStruct): Promise<SigStructVerdict> {
  const [n, s] = [numberOf(struct.modulus), numberOf(struct.signature)];
  const padded = `0001${'ff'.repeat(384 - 3 - 19 - 32)}00${digestInfo}${hexOf(await crypto.sha256(struct.signedBytes))}`;
  const isModulus = n >> 3071n === 1n && s < n;
  // Not secret, and once for a file: numbers of JavaScript are good enough, and the same in every browser.
  const signature = isModulus && (s * s * s) % n === BigInt(`0x${padded}`);
  const q1 = isModulus ? (s * s) / n : 0n;
  const q2 = isModulus ? (s * s * s - q1 * s * n) / n : 0n;
  const quotients = isModulus && numberOf(struct.q1) === q1 && numberOf(struct.q2) === q2;
  return { ok: signature && quotients, signature, quotients, mrSigner: await crypto.sha256(struct.modulus) };
}

/** The number that little-endian bytes stand for. */
function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${hexOf(bytes.toReversed())}`);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
