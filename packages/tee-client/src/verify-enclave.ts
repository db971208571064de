import { verifyEvidence } from '@neo-service-layer/attestation';
import { type ChannelClaims, channelReportData, parseChannelClaims } from '@neo-service-layer/tee-channel';
import {
  type AppraisalPolicy,
  bytesToHex,
  type EvidenceBundle,
  TeeError,
  type Verdict,
} from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** By what a relying party judges: its policy, its roots, its clock. */
export interface Judgement {
  policy: AppraisalPolicy;
  /** Root certificates (DER or PEM) to trust instead of Intel's. */
  trustAnchors?: readonly Uint8Array[] | undefined;
  /** Unix seconds. */
  now: number;
}

/** An enclave that proved what the policy demands. */
export interface VerifiedEnclave {
  verdict: Verdict;
  claims: ChannelClaims;
  /** What was verified, as it came. */
  bundle: EvidenceBundle;
  /** SHA-256 of quote and claims. */
  evidenceDigest: Uint8Array;
}

/**
 * Verifies and appraises evidence, and that its quote commits to the channel claims it came with.
 *
 * @throws {TeeError} ERR_EVIDENCE_REJECTED with the verdict's checks, ERR_EVIDENCE_BINDING, ERR_EVIDENCE_STALE
 */
export async function verifyEnclave(bundle: EvidenceBundle, judgement: Judgement): Promise<VerifiedEnclave> {
  const { quote, claims: claimsBytes, collateral } = bundle;
  const { policy, trustAnchors, now } = judgement;
  const anchors = trustAnchors === undefined ? {} : { trustAnchors };
  const verdict = await verifyEvidence({ quote, collateral }, policy, { now, ...anchors });
  if (!verdict.ok || verdict.claims === null) throw rejected(verdict);
  const expected = bytesToHex(await channelReportData(claimsBytes));
  const found = bytesToHex(verdict.claims.reportData);
  if (expected !== found) {
    throw new TeeError('ERR_EVIDENCE_BINDING', 'The quote does not commit to the channel claims it came with.', {
      expected: `reportData ${expected}`,
      actual: `reportData ${found}`,
      hint: 'The host put claims of its own beside a genuine quote, or mixed two enclaves up.',
    });
  }
  const claims = parseChannelClaims(claimsBytes);
  if (claims.notAfter < now) {
    throw new TeeError('ERR_EVIDENCE_STALE', 'The evidence is older than the enclave allows.', {
      expected: `a time before ${new Date(claims.notAfter * 1000).toISOString()}`,
      actual: new Date(now * 1000).toISOString(),
      hint: 'Ask for the evidence again; if it stays old, the host is replaying it or its clock is wrong.',
    });
  }
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(encodeCanonical([quote, claimsBytes])));
  return { verdict, claims, bundle, evidenceDigest: new Uint8Array(digest) };
}

function rejected(verdict: Verdict): TeeError {
  const failed = verdict.checks.find((check) => !check.ok);
  return new TeeError('ERR_EVIDENCE_REJECTED', `The enclave was refused: ${verdict.error?.message ?? 'no claims'}`, {
    ...(failed?.expected === undefined ? {} : { expected: failed.expected }),
    ...(failed?.found === undefined ? {} : { actual: failed.found }),
    hint: 'Read the checks in `details.checks`: the first that failed says what the policy wanted.',
    details: {
      code: verdict.error?.code ?? null,
      status: verdict.status,
      mode: verdict.mode,
      checks: verdict.checks.map(({ name, ok, detail }) => ({ name, ok, detail })),
    },
  });
}
