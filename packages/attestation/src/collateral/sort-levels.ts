import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';

/**
 * TCB levels with the highest SVNs first, the order in which they are tried, whatever order the document has. Two
 * levels with the same SVNs are refused: they would leave open which of two statuses holds.
 * @param compare negative when the SVNs of the first are lower, zero when they are the same
 * @throws {TeeError} `code`
 */
export function sortLevels<T>(levels: readonly T[], compare: (a: T, b: T) => number, code: TeeErrorCode): T[] {
  const sorted = [...levels].sort((a, b) => compare(b, a));
  for (let i = 1; i < sorted.length; i += 1) {
    const [above, below] = [sorted[i - 1], sorted[i]];
    if (above !== undefined && below !== undefined && compare(above, below) === 0) {
      throw new TeeError(code, 'Two TCB levels have the same SVNs.');
    }
  }
  return sorted;
}

/** Compares lists of SVNs of the same length by the first in which they differ. */
export function compareSvns(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
