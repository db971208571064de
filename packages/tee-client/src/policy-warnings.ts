import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';

/**
 * What a policy leaves open that its author may not have meant to, as sentences for people. Empty for a policy that pins
 * code and machines and allows nothing out of the ordinary. Judges the policy alone; evidence is judged by
 * `verifyEnclave`.
 */
export function policyWarnings(policy: AppraisalPolicy): string[] {
  const warnings: string[] = [];
  if (policy.ppidAllowed === undefined) {
    warnings.push(
      'The policy names no machines (ppidAllowed): the host may lead calls to the same program on a CPU of its own, whose keys it may have extracted.',
    );
  }
  if (policy.mrEnclave === undefined && policy.mrSigner !== undefined && policy.minIsvSvn === undefined) {
    warnings.push(
      'The policy accepts every version of the signer (no mrEnclave, no minIsvSvn), also ones with known faults.',
    );
  }
  if (policy.allowDebug) warnings.push('The policy accepts DEBUG enclaves, whose memory the host can read.');
  if (policy.allowSimulation) warnings.push('The policy accepts simulated enclaves, which protect nothing.');
  return warnings;
}
