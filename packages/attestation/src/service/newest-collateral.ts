import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import type { VettedCollateral } from './vetted-collateral.ts';

/** The four parts that are dated, and what belongs to each. */
const parts = {
  tcbInfo: ['tcbInfo', 'tcbInfoSignature', 'tcbInfoIssuerChain'],
  qeIdentity: ['qeIdentity', 'qeIdentitySignature', 'qeIdentityIssuerChain'],
  pckCrl: ['pckCrl', 'pckCrlIssuerChain'],
  rootCaCrl: ['rootCaCrl'],
} as const satisfies Record<string, readonly (keyof Collateral)[]>;

/** One of the dated parts. */
type DatedPart = keyof typeof parts;

/**
 * The newer of two sets, part by part. A part that was signed earlier, or for an earlier TCB recovery, never takes the
 * place of a later one: a service (or whoever stands before it) may replay old answers whose signatures hold.
 * @returns the set, and the parts of `fetched` that were older than those at hand
 */
export function newestCollateral(
  atHand: VettedCollateral,
  fetched: VettedCollateral,
): { collateral: Collateral; older: DatedPart[] } {
  const older = datedParts.filter((part) => isOlder(age(fetched, part), age(atHand, part)));
  const kept = older.flatMap((part) => parts[part]).map((member) => [member, atHand.collateral[member]]);
  return { collateral: { ...fetched.collateral, ...Object.fromEntries(kept) }, older };
}

const datedParts: readonly DatedPart[] = ['tcbInfo', 'qeIdentity', 'pckCrl', 'rootCaCrl'];

/** What orders the editions of a part: the number of the TCB recovery decides before the date. */
function age(set: VettedCollateral, part: DatedPart): [number, number] {
  if (part === 'pckCrl' || part === 'rootCaCrl') return [0, set[part].thisUpdate];
  return [set[part].tcbEvaluationDataNumber, set[part].issueDate];
}

function isOlder([number, date]: [number, number], [otherNumber, otherDate]: [number, number]): boolean {
  return number < otherNumber || (number === otherNumber && date < otherDate);
}

/** Says that an answer had parts that were older than those at hand. */
export function rollback(older: readonly DatedPart[]): TeeError {
  return new TeeError('ERR_COLLATERAL_ROLLBACK', 'The collateral service answered with older collateral than before.', {
    actual: older.join(', '),
    hint: 'A cache on the way is behind, or somebody replays old answers. What was newer is kept; only an empty cache forgets it.',
  });
}
