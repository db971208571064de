import { TeeError } from '@neo-service-layer/tee-interface';
import type { IndexEntry } from './index-page.ts';

/**
 * Requires that entries still have the versions that were read (null: that there is none).
 * @param entries what the index has now, in the order of `expected`
 * @throws {TeeError} ERR_SEAL_CONFLICT
 */
export function requireVersions(expected: readonly (number | null)[], entries: readonly (IndexEntry | null)[]): void {
  expected.forEach((version, index) => {
    const actual = entries[index]?.version ?? null;
    if (version === actual) return;
    throw new TeeError('ERR_SEAL_CONFLICT', 'A value was changed since it was read.', {
      expected: version === null ? 'no value' : `version ${version}`,
      actual: actual === null ? 'no value' : `version ${actual}`,
      hint: 'Read it again and decide anew.',
    });
  });
}

/** True: the swap happened; false: somebody else was first. Everything else that went wrong is thrown. */
export async function wasFirst(swap: Promise<unknown>): Promise<boolean> {
  try {
    await swap;
    return true;
  } catch (error) {
    if (error instanceof TeeError && error.code === 'ERR_SEAL_CONFLICT') return false;
    throw error;
  }
}
