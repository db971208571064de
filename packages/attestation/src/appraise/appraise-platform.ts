import { type AppraisalPolicy, type TcbStatus, TeeError, type VerifiedClaims } from '@neo-service-layer/tee-interface';
import { describeShortfall } from '../tcb/shortfall.ts';
import type { CheckList } from '../verify/check-list.ts';
import type { Verification } from '../verify/verification.ts';
import { demandAtLeast, demandListed } from './demands.ts';

/** What is good enough when the policy does not say. */
export const defaultAcceptedStatuses = ['UpToDate', 'SWHardeningNeeded'] as const;

/** Appraises whose platform it is: real or simulated, of which type, which machine. */
export function appraisePlatform(
  verification: Verification,
  claims: VerifiedClaims,
  policy: AppraisalPolicy,
  list: CheckList,
): void {
  list.run('policy.mode', describeMode(verification), () => {
    if (verification.mode !== 'simulation' || policy.allowSimulation === true) return;
    throw new TeeError('ERR_SIMULATION_NOT_ALLOWED', 'A simulated platform made this quote: it protects nothing.', {
      expected: 'hardware',
      actual: 'simulation',
      hint: 'Only development may set allowSimulation.',
    });
  });
  const { fmspcAllowed, fmspcDenied, ppidAllowed, platformInstanceIdAllowed } = policy;
  if (fmspcAllowed !== undefined || fmspcDenied !== undefined) {
    list.run('policy.fmspc', 'The platform type is allowed.', () => {
      demandListed('ERR_FMSPC_NOT_ALLOWED', 'FMSPC', fmspcAllowed, claims.fmspc);
      if (!fmspcDenied?.includes(claims.fmspc)) return;
      throw new TeeError('ERR_FMSPC_NOT_ALLOWED', 'The policy denies this platform type.', { actual: claims.fmspc });
    });
  }
  if (ppidAllowed !== undefined) {
    list.run('policy.ppid', 'The platform is on the list.', () =>
      demandListed('ERR_PPID_NOT_ALLOWED', 'PPID', ppidAllowed, claims.ppid),
    );
  }
  if (platformInstanceIdAllowed !== undefined) {
    list.run('policy.platformInstanceId', 'The platform instance is on the list.', () =>
      demandListed('ERR_PPID_NOT_ALLOWED', 'The instance id', platformInstanceIdAllowed, claims.platformInstanceId),
    );
  }
}

/** Appraises how Intel rates the platform. */
export function appraiseTcb(verification: Verification, policy: AppraisalPolicy, list: CheckList): void {
  const { status, tcbDate, advisories, evaluationDataNumbers } = verification;
  list.run('policy.tcbStatus', `The TCB status ${status} is accepted.`, () => {
    const accepted: readonly string[] = policy.acceptedStatuses ?? defaultAcceptedStatuses;
    if (status !== null && accepted.includes(status)) return;
    const behind = verification.shortfall.map(describeShortfall).join('; ');
    throw new TeeError(
      'ERR_TCB_STATUS',
      `The TCB status ${status} is not one that the policy accepts.${advise(status)}`,
      {
        expected: accepted.join(' or '),
        actual: behind === '' ? String(status) : `${status}: ${behind}`,
      },
    );
  });
  const { acknowledgedAdvisories, minTcbDate, minTcbEvaluationDataNumber } = policy;
  if (acknowledgedAdvisories !== undefined) {
    list.run('policy.advisories', 'Every advisory that applies is acknowledged.', () => {
      const open = advisories.map(({ id }) => id).filter((id) => !acknowledgedAdvisories.includes(id));
      if (open.length === 0) return;
      throw new TeeError('ERR_ADVISORY_NOT_ACKNOWLEDGED', 'An advisory applies that the policy does not acknowledge.', {
        actual: [...new Set(open)].join(', '),
      });
    });
  }
  if (minTcbDate !== undefined) {
    list.run('policy.tcbDate', 'The TCB level is recent enough.', () => {
      if (tcbDate !== null && new Date(tcbDate).getTime() >= new Date(minTcbDate).getTime()) return;
      throw new TeeError('ERR_TCB_DATE', 'The TCB level is older than the policy accepts.', {
        expected: `${minTcbDate} or later`,
        actual: tcbDate ?? 'unknown',
      });
    });
  }
  if (minTcbEvaluationDataNumber !== undefined) {
    const lowest = Math.min(evaluationDataNumbers.tcbInfo ?? -1, evaluationDataNumbers.qeIdentity ?? -1);
    list.run('policy.tcbEvaluationDataNumber', 'The collateral is of a recent enough TCB recovery.', () =>
      demandAtLeast('ERR_TCB_EVALUATION_NUMBER', 'The TCB evaluation data number', minTcbEvaluationDataNumber, lowest),
    );
  }
}

function describeMode({ mode }: Verification): string {
  if (mode === 'hardware') return "The platform's certificate comes from Intel.";
  if (mode === 'simulation') return 'The platform is simulated, which the policy allows.';
  return 'The platform is certified by a root that the caller named.';
}

/** What the owner of the platform can do about a status. */
function advise(status: TcbStatus | null): string {
  switch (status) {
    case 'OutOfDate':
    case 'OutOfDateConfigurationNeeded':
      return ' The platform needs updates (BIOS, microcode, TDX module or SGX software).';
    case 'ConfigurationNeeded':
    case 'ConfigurationAndSWHardeningNeeded':
      return ' The platform is patched, but a BIOS setting (often hyper-threading) leaves known holes open.';
    case 'TDRelaunchAdvised':
    case 'TDRelaunchAdvisedConfigurationNeeded':
      return ' The platform was updated under the TD: launching it again is enough.';
    case 'Revoked':
      return ' Intel has revoked this level: no policy can accept it.';
    default:
      return '';
  }
}
