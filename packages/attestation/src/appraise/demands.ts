import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { equalUnderMask } from '../tcb/masked-hex.ts';

/** A demand of a policy that a claim did not meet. */
function unmet(code: TeeErrorCode, what: string, expected: string, actual: string): TeeError {
  return new TeeError(code, `${what} is not what the policy demands.`, { expected, actual });
}

/** @throws {TeeError} `code` unless the claim equals the demand; a demand that was not made is met */
export function demandEqual<T extends string | number>(
  code: TeeErrorCode,
  what: string,
  demand: T | undefined,
  claim: T,
): void {
  if (demand !== undefined && demand !== claim) throw unmet(code, what, String(demand), String(claim));
}

/** @throws {TeeError} `code` unless the claim is in the list; null is in no list */
export function demandListed(
  code: TeeErrorCode,
  what: string,
  demand: readonly string[] | undefined,
  claim: string | null,
): void {
  if (demand === undefined || (claim !== null && demand.includes(claim))) return;
  throw unmet(code, what, demand.join(' or '), claim ?? 'absent');
}

/** @throws {TeeError} `code` when the claim is lower than the demand */
export function demandAtLeast(code: TeeErrorCode, what: string, demand: number | undefined, claim: number): void {
  if (demand !== undefined && claim < demand) throw unmet(code, what, `at least ${demand}`, String(claim));
}

/** @throws {TeeError} `code` unless claim and demand agree under the mask */
export function demandMasked(
  code: TeeErrorCode,
  what: string,
  demand: { value: string; mask: string } | undefined,
  claim: string,
): void {
  if (demand === undefined || equalUnderMask(claim, demand.value, demand.mask)) return;
  throw unmet(code, what, `${demand.value} under mask ${demand.mask}`, claim);
}
