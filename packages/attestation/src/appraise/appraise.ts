import type { AppraisalPolicy, Verdict } from '@neo-service-layer/tee-interface';
import { CheckList } from '../verify/check-list.ts';
import type { Verification } from '../verify/verification.ts';
import { appraiseIdentity } from './appraise-identity.ts';
import { appraisePlatform, appraiseTcb } from './appraise-platform.ts';
import { parsePolicy } from './parse-policy.ts';

/**
 * Judges a verification by a policy. `ok` needs both: every check of the verification, and every demand of the policy.
 * Claims are appraised even when the verification failed elsewhere (say, on expired collateral), so that a reader sees
 * everything that is wrong; without genuine claims, or without a status, the demands on them are not met at all.
 *
 * @throws {TeeError} for misuse only: ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export function appraise(verification: Verification, policy: AppraisalPolicy): Verdict {
  const checked = parsePolicy(policy);
  const list = new CheckList();
  list.add(...verification.checks);
  const { claims, advisories } = verification;
  if (claims) {
    appraisePlatform(verification, claims, checked, list);
    appraiseIdentity(claims, checked, list);
  }
  if (verification.ok) appraiseTcb(verification, checked, list);
  const failed = list.checks.find(({ ok }) => !ok);
  return {
    // All three, so that no single slip in the list can make a verdict out of nothing.
    ok: verification.ok && claims !== null && failed === undefined,
    status: verification.status,
    mode: verification.mode,
    advisoryIds: [...new Set(advisories.map(({ id }) => id))],
    advisories: [...advisories],
    tcbDate: verification.tcbDate,
    shortfall: [...verification.shortfall],
    checks: list.checks,
    error: failed?.code ? { code: failed.code, message: failed.detail } : null,
    claims,
    statusBy: verification.statusBy,
    validUntil: verification.validUntil,
  };
}
