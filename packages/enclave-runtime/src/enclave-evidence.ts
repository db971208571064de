import type { OcclumAttestationProvider } from '@neo-service-layer/attestation/provider';
import {
  channelReportData,
  type EnclaveIdentity,
  encodeChannelClaims,
  protocolVersion,
  type Suite,
  userReportData,
} from '@neo-service-layer/tee-channel';
import type { AttestationReport, Evidence } from '@neo-service-layer/tee-interface';

/** What the evidence of the channel commits to besides the identity key. */
export interface EvidenceSubject {
  identity: EnclaveIdentity;
  /** Suites of the channel that are spoken. */
  suites: readonly Suite[];
  /** 32 bytes. */
  configHash: Uint8Array;
  /** 16 bytes. */
  bootId: Uint8Array;
  /** Unix seconds. */
  now: () => number;
}

/** A quote is made again when it is older than this; its claims are good for ten minutes more. */
const refreshSeconds = 600;

/**
 * Makes the enclave's evidence: quotes over its channel identity, and quotes over bytes of a user's choice. Runs inside
 * the enclave.
 *
 * Guarantees: the two kinds of quote cannot be taken for each other (see report-data in tee-channel), so no user can
 * have a channel key of their own quoted.
 */
export class EnclaveEvidence {
  readonly #provider: OcclumAttestationProvider;
  readonly #subject: EvidenceSubject;
  #cached: { evidence: Promise<Evidence>; madeAt: number } | null = null;

  constructor(provider: OcclumAttestationProvider, subject: EvidenceSubject) {
    this.#provider = provider;
    this.#subject = subject;
  }

  /** The evidence for the channel; one quote serves everyone for ten minutes. */
  evidence(): Promise<Evidence> {
    const now = this.#subject.now();
    if (this.#cached !== null && now - this.#cached.madeAt < refreshSeconds) return this.#cached.evidence;
    const evidence = this.#makeEvidence(now, new Uint8Array());
    this.#cached = { evidence, madeAt: now };
    evidence.catch(() => {
      this.#cached = null;
    });
    return evidence;
  }

  /** Evidence with a nonce of the client's (at most 64 bytes) in the quote itself, for auditors: costs a quote. */
  freshEvidence(nonce: Uint8Array): Promise<Evidence> {
    return this.#makeEvidence(this.#subject.now(), nonce);
  }

  /** A quote that commits to the given bytes. */
  async report(reportData: Uint8Array): Promise<AttestationReport> {
    return { quote: await this.#provider.quote(await userReportData(reportData)), reportData };
  }

  async #makeEvidence(now: number, nonce: Uint8Array): Promise<Evidence> {
    const { identity, suites, configHash, bootId } = this.#subject;
    const claims = encodeChannelClaims({
      identityKey: identity.publicKey,
      suites: suites.map(({ id }) => id),
      minVersion: protocolVersion,
      configHash,
      bootId,
      notAfter: Math.floor(now) + 2 * refreshSeconds,
      nonce,
    });
    return { quote: await this.#provider.quote(await channelReportData(claims)), claims };
  }
}
