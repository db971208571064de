import type { AppraisalPolicy, Collateral, Verdict } from '@neo-service-layer/tee-interface';
import type { PreparedCollateral } from '../verify/prepared-collateral.ts';
import { type VerifyOptions, verifyQuote } from '../verify/verify-quote.ts';
import { appraise } from './appraise.ts';
import { parsePolicy } from './parse-policy.ts';

/**
 * Verifies a quote and appraises it: the whole answer to "may I trust this enclave". It says nothing yet about claims
 * that came beside the quote: those are bound to it through the report data, which `policy.reportData` can demand.
 *
 * @throws {TeeError} for misuse only: ERR_CLOCK, ERR_TRUST_ANCHOR, ERR_POLICY_FORMAT, ERR_POLICY_EMPTY,
 *   ERR_INVALID_ARGUMENT
 */
export async function verifyEvidence(
  evidence: { quote: Uint8Array; collateral: Collateral | PreparedCollateral },
  policy: AppraisalPolicy,
  options: VerifyOptions,
): Promise<Verdict> {
  const checked = parsePolicy(policy);
  return appraise(await verifyQuote(evidence.quote, evidence.collateral, options), checked);
}
