import { type AppraisalPolicy, appraisalPolicySchema, TeeError } from '@neo-service-layer/tee-interface';

/**
 * Validates a policy, e.g. one read from JSON. Unknown members are refused: a misspelt demand must not be no demand.
 * @throws {TeeError} ERR_POLICY_FORMAT; ERR_POLICY_EMPTY when it pins no identity and does not say `anyEnclave: true`
 */
export function parsePolicy(value: unknown): AppraisalPolicy {
  const result = appraisalPolicySchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new TeeError('ERR_POLICY_FORMAT', `The policy is malformed: ${issue?.message ?? 'unknown'}`, {
      actual: `at ${issue?.path.join('.') || 'the top'}`,
    });
  }
  const policy = result.data;
  const pinsIdentity = [policy.mrEnclave, policy.mrSigner, policy.mrTd].some((list) => list !== undefined);
  if (!pinsIdentity && policy.anyEnclave !== true) {
    throw new TeeError('ERR_POLICY_EMPTY', 'The policy pins no identity: it would accept every enclave there is.', {
      expected: 'mrEnclave, mrSigner or mrTd',
      hint: 'A tool that only shows quotes says anyEnclave: true.',
    });
  }
  if (pinsIdentity && policy.anyEnclave === true) {
    throw new TeeError('ERR_POLICY_FORMAT', 'The policy pins an identity and says anyEnclave: which of the two?');
  }
  return policy;
}
