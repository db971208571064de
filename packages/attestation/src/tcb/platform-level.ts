import { TeeError } from '@neo-service-layer/tee-interface';
import type { TcbInfo, TcbLevel } from '../collateral/tcb-info.ts';
import type { PckExtension } from '../x509/pck-extension.ts';

/**
 * Finds the level of a platform: the first, from the highest down, of which every SVN is reached (PCS API, "Get TCB
 * Info", "Determining TCB status"). SGX SVNs and PCESVN are those of the PCK certificate, TDX SVNs those of the report.
 *
 * @param teeTcbSvn TEE_TCB_SVN of a TD report; null for SGX
 * @throws {TeeError} ERR_TCB_LEVEL_NOT_FOUND
 */
export function findPlatformLevel(info: TcbInfo, pck: PckExtension, teeTcbSvn: Uint8Array | null): TcbLevel {
  const level = info.levels.find((candidate) => reaches(candidate, pck, teeTcbSvn));
  if (level) return level;
  throw new TeeError('ERR_TCB_LEVEL_NOT_FOUND', 'The platform is below every level of the TCB info.', {
    expected: describeLowest(info),
    actual: `SGX SVNs ${pck.tcbComponentSvns.join(',')}, PCESVN ${pck.pceSvn}${describeTdx(teeTcbSvn)}`,
  });
}

function reaches(level: TcbLevel, pck: PckExtension, teeTcbSvn: Uint8Array | null): boolean {
  if (pck.pceSvn < level.pceSvn) return false;
  if (level.sgxSvns.some((svn, index) => (pck.tcbComponentSvns[index] ?? -1) < svn)) return false;
  if (!teeTcbSvn || !level.tdxSvns) return teeTcbSvn === null && level.tdxSvns === null;
  const from = firstPlatformSvn(teeTcbSvn);
  return level.tdxSvns.every((svn, index) => index < from || (teeTcbSvn[index] ?? -1) >= svn);
}

/**
 * The first TDX SVN that the platform is judged by. When the module has a version of its own (SVN 1 above zero), SVNs
 * 0 and 1 are of the module, which is judged by its own identity.
 */
export function firstPlatformSvn(teeTcbSvn: Uint8Array): 0 | 2 {
  return (teeTcbSvn[1] ?? 0) > 0 ? 2 : 0;
}

function describeLowest({ levels }: TcbInfo): string {
  const lowest = levels.at(-1);
  return lowest
    ? `at least SGX SVNs ${lowest.sgxSvns.join(',')}, PCESVN ${lowest.pceSvn}${describeTdx(lowest.tdxSvns)}`
    : '';
}

function describeTdx(svns: Iterable<number> | null): string {
  return svns ? `, TDX SVNs ${[...svns].join(',')}` : '';
}
