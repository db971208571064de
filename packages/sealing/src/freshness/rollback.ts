import { TeeError } from '@neo-service-layer/tee-interface';
import type { AnchorEntry } from './freshness-anchor.ts';

/** ERR_SEAL_ROLLBACK: authentic, and not what it should be. */
export function rollback(message: string, expected: string, actual: string): TeeError {
  return new TeeError('ERR_SEAL_ROLLBACK', message, {
    expected,
    actual,
    hint: 'The host delivered an older or another copy: restore the newest one. If there is none, what came after it is lost.',
  });
}

/** ERR_SEAL_FRESHNESS_UNKNOWN. */
export function freshnessUnknown(message: string, hint: string, cause?: unknown): TeeError {
  return new TeeError('ERR_SEAL_FRESHNESS_UNKNOWN', message, { hint, cause });
}

/** An entry in words. */
export function describeEntry(entry: AnchorEntry | null): string {
  if (entry === null) return 'no state';
  return `epoch ${entry.epoch}, ${Buffer.from(entry.chain.subarray(0, 8)).toString('hex')}…`;
}

/** True for the same state. */
export function sameEntry(a: AnchorEntry | null, b: AnchorEntry | null): boolean {
  if (a === null || b === null) return a === b;
  return a.epoch === b.epoch && Buffer.compare(a.chain, b.chain) === 0;
}
