import type { TcbStatus, TeeErrorCode } from '@neo-service-layer/tee-interface';
import type { JsonFields } from './json-fields.ts';
import { sortLevels } from './sort-levels.ts';
import type { IsvSvnLevel } from './tcb-info.ts';

/**
 * The levels of something that has just an ISVSVN, highest first.
 * @param statuses those that such a level may have
 * @throws {TeeError} `code`
 */
export function readIsvSvnLevels(
  document: JsonFields,
  statuses: readonly TcbStatus[],
  maxSvn: number,
  code: TeeErrorCode,
): IsvSvnLevel[] {
  const levels = document
    .objects('tcbLevels', 1)
    .map((level) => ({ ...readRating(level, statuses), isvSvn: level.object('tcb').integer('isvsvn', maxSvn) }));
  return sortLevels(levels, (a, b) => a.isvSvn - b.isvSvn, code);
}

/** What every level says beside its SVNs. */
export function readRating(level: JsonFields, statuses: readonly TcbStatus[]) {
  return {
    tcbDate: level.date('tcbDate'),
    status: level.oneOf('tcbStatus', statuses),
    advisoryIds: level.strings('advisoryIDs'),
  };
}
