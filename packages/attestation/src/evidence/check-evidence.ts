import {
  type AppraisalPolicy,
  decodeEvidenceBundle,
  type EvidenceBundle,
  TeeError,
  type Verdict,
  type VerdictCheck,
} from '@neo-service-layer/tee-interface';
import { parsePolicy } from '../appraise/parse-policy.ts';
import { verifyEvidence } from '../appraise/verify-evidence.ts';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { parseQuote } from '../quote/parse-quote.ts';
import { CheckList } from '../verify/check-list.ts';
import { loadTrustAnchors } from '../verify/trust-anchor.ts';
import { requireClock } from '../verify/validity-window.ts';
import type { VerifyOptions } from '../verify/verify-quote.ts';
import { readClaimsLabel, reportDataFor } from './report-data-for.ts';

/** Options of checking a document. */
export interface EvidenceOptions extends VerifyOptions {
  /** What the claims must be for: the first element of the array that they are. */
  label: string;
}

/** The verdict on a document, and what it says once that can be relied on. */
export interface CheckedEvidence {
  /** Of the quote, with the checks of the document itself in its list; `ok` only when all of them held. */
  verdict: Verdict;
  /** The claims as they are bound by the quote. Null unless `verdict.ok`. */
  claims: Uint8Array | null;
}

/** Twice what a document with the longest collateral there is needs. */
const maxDocumentBytes = 4 * 1024 * 1024;

/**
 * Checks a document that `buildEvidence` made, offline: reads it, verifies the quote against the collateral in it,
 * appraises it by the policy, and requires that the quote commits to the claims and that the claims are for the
 * purpose named. Everything in the document may be hostile.
 *
 * What it does not say: how old the evidence is (claims may say that), or that the enclave still lives.
 *
 * @throws {TeeError} for misuse only: ERR_CLOCK, ERR_TRUST_ANCHOR, ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export async function checkEvidence(
  document: Uint8Array,
  policy: AppraisalPolicy,
  { label, ...options }: EvidenceOptions,
): Promise<CheckedEvidence> {
  const checked = parsePolicy(policy);
  requireClock(options.now);
  loadTrustAnchors(options.trustAnchors);
  const list = new CheckList();
  const bundle = list.run('evidence.format', 'The document holds a quote, claims and collateral.', () =>
    readBundle(document),
  );
  if (!bundle) return { verdict: refusal(list.checks), claims: null };

  const verdict = await verifyEvidence(bundle, checked, options);
  list.add(...verdict.checks);
  list.run('evidence.quote', 'Nothing trails the quote.', () => requireNoTrailer(bundle.quote));
  list.run('evidence.label', `The claims are for ${label}.`, () => requireLabel(bundle.claims, label));
  const isBound = await list.runAsync('evidence.binding', 'The claims are bound by the report data of the quote.', () =>
    requireBinding(bundle.claims, verdict),
  );
  const ok = verdict.ok && list.ok && isBound === true;
  return {
    verdict: { ...verdict, ok, checks: list.checks, error: verdict.error ?? firstFault(list.checks) },
    claims: ok ? bundle.claims : null,
  };
}

function readBundle(document: Uint8Array): EvidenceBundle {
  if (document.length > maxDocumentBytes) {
    throw new TeeError('ERR_CBOR', 'The document is absurdly long.', { actual: `${document.length} bytes` });
  }
  const { quote, claims, collateral } = decodeEvidenceBundle(ownedCopy(document));
  // Not a view of the whole document, which would go along wherever the claims go.
  return { quote, claims: ownedCopy(claims), collateral };
}

/** Bytes after the quote are covered by nothing: two documents would differ and say the same. */
function requireNoTrailer(quote: Uint8Array): void {
  const { trailingBytes } = parseQuote(quote);
  if (trailingBytes === 0) return;
  throw new TeeError('ERR_QUOTE_FORMAT', 'Something trails the quote.', { actual: `${trailingBytes} bytes` });
}

function requireLabel(claims: Uint8Array, label: string): void {
  const found = readClaimsLabel(claims);
  if (found === label) return;
  throw new TeeError('ERR_EVIDENCE_LABEL', 'The claims are for another purpose.', {
    expected: label,
    actual: found.slice(0, 100),
  });
}

async function requireBinding(claims: Uint8Array, verdict: Verdict): Promise<true> {
  if (!verdict.claims) {
    throw new TeeError('ERR_EVIDENCE_BINDING', 'A quote that is not genuine binds nothing.');
  }
  const expected = await reportDataFor(claims);
  const { reportData } = verdict.claims;
  if (equalBytes(expected, reportData)) return true;
  throw new TeeError('ERR_EVIDENCE_BINDING', 'The quote does not commit to the claims it came with.', {
    expected: `reportData ${toHex(expected)}`,
    actual: `reportData ${toHex(reportData)}`,
  });
}

function firstFault(checks: readonly VerdictCheck[]): Verdict['error'] {
  const failed = checks.find(({ ok }) => !ok);
  return failed?.code ? { code: failed.code, message: failed.detail } : null;
}

/** The verdict on a document that could not be read. */
function refusal(checks: VerdictCheck[]): Verdict {
  return {
    ok: false,
    status: null,
    mode: null,
    advisoryIds: [],
    advisories: [],
    tcbDate: null,
    shortfall: [],
    checks,
    error: firstFault(checks),
    claims: null,
    statusBy: { platform: null, qe: null, module: null },
    validUntil: null,
  };
}
