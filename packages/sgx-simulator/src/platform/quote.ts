import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { encodeReportBody } from '@neo-service-layer/attestation/device';
import { toPem } from '../der/certificate.ts';
import type { EnclaveIdentity, Processor } from './identity.ts';
import { reportBody } from './make-report.ts';
import { quotingEnclave } from './qe.ts';
import type { PlatformState } from './state.ts';

/** QE vendor id of Intel's quoting enclave: the layout is Intel's, and verifiers demand it. */
const qeVendorId = Buffer.from('939a7233f79c4ca9940a0db3957f0607', 'hex');

/**
 * The simulated quoting enclave: signs ECDSA quotes of version 3 (Intel SGX ECDSA Quote Library Reference, appendix A)
 * with its attestation key, which the PCK key certifies through the QE report.
 */
export class QuoteSigner {
  readonly #processor: Processor;
  readonly #state: PlatformState;
  readonly #attestationKey: KeyObject;
  /** Everything after the quote's own signature: the same for every quote. */
  readonly #certification: Buffer;

  constructor(processor: Processor, state: PlatformState) {
    this.#processor = processor;
    this.#state = state;
    this.#attestationKey = createPrivateKey(state.attestationKey);
    this.#certification = this.#certify();
  }

  /** Length in bytes of every quote. */
  get size(): number {
    return 48 + 384 + 4 + 64 + this.#certification.length;
  }

  /** A quote on `enclave` with `reportData` (64 bytes). */
  quote(enclave: EnclaveIdentity, reportData: Uint8Array): Uint8Array {
    const signedPart = Buffer.concat([
      this.#header(),
      encodeReportBody(reportBody(this.#processor, enclave, reportData)),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(64 + this.#certification.length);
    return new Uint8Array(
      Buffer.concat([signedPart, length, rawSignature(signedPart, this.#attestationKey), this.#certification]),
    );
  }

  #header(): Buffer {
    const header = Buffer.alloc(48);
    header.writeUInt16LE(3, 0);
    // Attestation key type 2: ECDSA with P-256.
    header.writeUInt16LE(2, 2);
    header.writeUInt16LE(this.#state.qeIsvSvn, 8);
    header.writeUInt16LE(this.#state.pceSvn, 10);
    header.set(qeVendorId, 12);
    return header;
  }

  #certify(): Buffer {
    const attestationPoint = pointOf(this.#attestationKey);
    const authData = Buffer.from(this.#state.qeAuthenticationData, 'hex');
    const binding = createHash('sha256').update(attestationPoint).update(authData).digest();
    const reportData = new Uint8Array(64);
    reportData.set(binding);
    const qe = quotingEnclave(this.#state.qeIsvSvn);
    const qeReport = encodeReportBody(reportBody(this.#processor, qe, reportData));
    const { pck, platformCa, root } = this.#state;
    const chain = [pck, platformCa, root].map((entry) =>
      toPem('CERTIFICATE', Buffer.from(entry.certificate, 'base64')),
    );
    const certificates = Buffer.from(chain.join(''), 'latin1');
    const authLength = Buffer.alloc(2);
    authLength.writeUInt16LE(authData.length);
    const certificateHead = Buffer.alloc(6);
    // Certification data type 5: the PCK chain as PEM.
    certificateHead.writeUInt16LE(5, 0);
    certificateHead.writeUInt32LE(certificates.length, 2);
    const qeSignature = rawSignature(qeReport, createPrivateKey(pck.privateKey));
    return Buffer.concat([
      attestationPoint,
      qeReport,
      qeSignature,
      authLength,
      authData,
      certificateHead,
      certificates,
    ]);
  }
}

/** ECDSA with SHA-256 as r and s, 32 bytes each, big-endian. */
export function rawSignature(message: Uint8Array, key: KeyObject): Buffer {
  return sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
}

/** The public point of a P-256 key as x and y, without the leading 4. */
function pointOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-64);
}
