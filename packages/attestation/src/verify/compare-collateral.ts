import type { Collateral, TcbStatus } from '@neo-service-layer/tee-interface';
import type { Shortfall } from '../tcb/shortfall.ts';
import type { PreparedCollateral } from './prepared-collateral.ts';
import type { Verification } from './verification.ts';
import { type VerifyOptions, verifyQuote } from './verify-quote.ts';

/** What changes for a platform between two sets of collateral. */
export interface CollateralComparison {
  before: Verification;
  after: Verification;
  /** True when the second set rates the platform otherwise, or no longer at all. */
  changes: boolean;
  status: { before: TcbStatus | null; after: TcbStatus | null };
  /** Advisories that only the second set knows of. */
  newAdvisoryIds: string[];
  /** What the platform will lack under the second set, and does not lack under the first. */
  newShortfall: Shortfall[];
}

/**
 * Judges one quote by two sets of collateral, e.g. the standard and the `early` one of the PCS (update=early), so that
 * the owner of a platform learns of a TCB recovery before the relying parties follow it. Both are fully verified.
 *
 * @throws {TeeError} for misuse only, as `verifyQuote`
 */
export async function compareCollateral(
  quote: Uint8Array,
  sets: { before: Collateral | PreparedCollateral; after: Collateral | PreparedCollateral },
  options: VerifyOptions,
): Promise<CollateralComparison> {
  const before = await verifyQuote(quote, sets.before, options);
  const after = await verifyQuote(quote, sets.after, options);
  const known = new Set(before.advisories.map(({ id }) => id));
  const lacks = ({ by, component, needed }: Shortfall) =>
    before.shortfall.some((old) => old.by === by && old.component === component && old.needed >= needed);
  return {
    before,
    after,
    changes: before.status !== after.status,
    status: { before: before.status, after: after.status },
    newAdvisoryIds: [...new Set(after.advisories.map(({ id }) => id))].filter((id) => !known.has(id)),
    newShortfall: after.shortfall.filter((shortfall) => !lacks(shortfall)),
  };
}
