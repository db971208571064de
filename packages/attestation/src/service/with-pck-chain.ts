import type { Collateral } from '@neo-service-layer/tee-interface';
import { unwrapCertificates } from '../collateral/containers.ts';
import { CheckList } from '../verify/check-list.ts';
import { PreparedCollateral } from '../verify/prepared-collateral.ts';

/**
 * The same collateral with a PCK chain beside it, for quotes that carry none. What was verified stays verified; the
 * chain itself is examined with each quote, and verdicts list the same checks as for collateral that came with it.
 */
export function withPckChain(
  { collateral, prepared }: { collateral: Collateral; prepared: PreparedCollateral },
  pckCertificateChain: Uint8Array | undefined,
): { collateral: Collateral; prepared: PreparedCollateral } {
  if (!pckCertificateChain) return { collateral, prepared };
  const list = new CheckList();
  list.add(...prepared.parts.checks);
  const pckCertificates =
    list.run('pckCertificates.format', 'The PCK chain beside the quote is readable.', () =>
      unwrapCertificates(pckCertificateChain),
    ) ?? [];
  return {
    collateral: { ...collateral, pckCertificateChain },
    // Paths that are remembered were found with another chain beside the quote.
    prepared: new PreparedCollateral({ ...prepared.parts, checks: list.checks, pckCertificates, pckPaths: new Map() }),
  };
}
