import type { Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { collateralFromFiles, collateralToFiles } from '../collateral/collateral-files.ts';
import { unwrapCertificates } from '../collateral/containers.ts';
import { CheckList } from '../verify/check-list.ts';
import { PreparedCollateral } from '../verify/prepared-collateral.ts';
import type { StoredCollateral } from './collateral-store.ts';

/** Collateral for one caller, with where it comes from. It was verified, and was valid at the time of the call. */
export class ServedCollateral {
  /** For `verifyQuote` and `verifyEvidence`, which need not verify it again. */
  readonly prepared: PreparedCollateral;
  /** `service`: fetched during this call. `cache`: fetched before, by this process or another. */
  readonly origin: 'service' | 'cache';
  /** Unix seconds. */
  readonly fetchedAt: number;
  /** Since it was fetched. */
  readonly ageSeconds: number;
  /** When the first thing in it expires, unix seconds. */
  readonly validUntil: number;
  /** Why it could not be refreshed when that was last tried; null when nothing is wrong. */
  readonly refreshError: TeeError | null;
  readonly #parts: Collateral;

  /** Not for callers: `CollateralService` makes them. */
  constructor(
    { collateral, prepared, fetchedAt, validUntil, refreshError }: StoredCollateral,
    origin: 'service' | 'cache',
    now: number,
    pckCertificateChain: Uint8Array | undefined,
  ) {
    this.#parts = pckCertificateChain ? { ...collateral, pckCertificateChain } : collateral;
    this.prepared = pckCertificateChain ? withPckChain(prepared, pckCertificateChain) : prepared;
    this.origin = origin;
    this.fetchedAt = fetchedAt;
    this.ageSeconds = Math.max(0, now - fetchedAt);
    this.validUntil = validUntil;
    this.refreshError = refreshError;
  }

  /** The parts, e.g. for a document of evidence: a copy with each look, so that no caller can spoil it for another. */
  get collateral(): Collateral {
    const files = Object.entries(collateralToFiles(this.#parts));
    return collateralFromFiles(Object.fromEntries(files.map(([name, bytes]) => [name, ownedCopy(bytes)])));
  }
}

/** What was verified stays verified; the chain beside it is examined with each quote that carries none. */
function withPckChain(prepared: PreparedCollateral, pckCertificateChain: Uint8Array): PreparedCollateral {
  const list = new CheckList();
  list.add(...prepared.parts.checks);
  // The check that verdicts list for collateral that came with a chain.
  const pckCertificates =
    list.run('pckCertificates.format', 'The PCK chain beside the quote is readable.', () =>
      unwrapCertificates(pckCertificateChain),
    ) ?? [];
  // Paths that are remembered were found with another chain beside the quote.
  return new PreparedCollateral({ ...prepared.parts, checks: list.checks, pckCertificates, pckPaths: new Map() });
}
