import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';

/**
 * TCB levels with the highest SVNs first, the order in which they are tried, whatever order the document has. Two
 * levels with the same SVNs are refused: they would leave open which of two statuses holds.
 * @throws {TeeError} `code`
 */
export function sortLevels<T>(levels: readonly T[], key: (level: T) => readonly number[], code: TeeErrorCode): T[] {
  const keyed = levels.map((level) => ({ level, key: key(level) }));
  keyed.sort((a, b) => compareKeys(b.key, a.key));
  for (const [index, { key: own }] of keyed.entries()) {
    const next = keyed[index + 1];
    if (next && compareKeys(own, next.key) === 0) throw new TeeError(code, 'Two TCB levels have the same SVNs.');
  }
  return keyed.map(({ level }) => level);
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
