import { type TcbComponent, type TcbStatus, TeeError } from '@neo-service-layer/tee-interface';
import { toHex } from '../bytes/hex.ts';
import type { QeIdentity } from '../collateral/qe-identity.ts';
import type { TcbInfo } from '../collateral/tcb-info.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import type { PckExtension } from '../x509/pck-extension.ts';
import { findPlatformLevel } from './platform-level.ts';
import { findIsvSvnLevel } from './qe-level.ts';
import { convergeStatus, relaunchStatus, type TcbRating } from './tcb-rating.ts';
import { rateTdxModule } from './tdx-module.ts';

/** The ratings of every component and what Intel's rules make of them together. */
export interface PlatformRating {
  status: TcbStatus;
  statusBy: Record<TcbComponent, TcbStatus | null>;
  /** The oldest date of the levels that were met. */
  tcbDate: string;
  advisories: { id: string; by: TcbComponent }[];
}

/**
 * Verifies that TCB info is about this kind of platform.
 * @throws {TeeError} ERR_TCB_INFO_MISMATCH
 */
export function requireTcbInfo(info: TcbInfo, tee: 'sgx' | 'tdx', pck: PckExtension): void {
  const pairs: [string, string, string][] = [
    ['TEE', tee, info.tee],
    ['FMSPC', toHex(pck.fmspc), info.fmspc],
    ['PCEID', toHex(pck.pceId), info.pceId ?? 'none'],
  ];
  for (const [field, expected, actual] of pairs) {
    if (expected === actual) continue;
    throw new TeeError('ERR_TCB_INFO_MISMATCH', `The TCB info is of another ${field} than the quote.`, {
      expected,
      actual,
    });
  }
}

/**
 * Rates platform, quoting enclave and TDX module, and joins the three. A TD of TDX 1.5 is rated twice, by what it was
 * launched on (TEE_TCB_SVN) and by what runs now (TEE_TCB_SVN_2): both must be known, the launch gives dates and
 * advisories, the pair gives the status.
 * @throws {TeeError} ERR_TCB_LEVEL_NOT_FOUND, ERR_TDX_MODULE_MISMATCH
 */
export function ratePlatform(
  quote: UnverifiedQuote,
  pck: PckExtension,
  info: TcbInfo,
  identity: QeIdentity,
): PlatformRating {
  const { body } = quote;
  const qe = findIsvSvnLevel(identity.levels, quote.qeReport.isvSvn, 'The quoting enclave');
  if (body.kind === 'sgx') return join(findPlatformLevel(info, pck, null), qe, null);
  const rateBy = (teeTcbSvn: Uint8Array) => {
    const module = rateTdxModule(body, teeTcbSvn, info);
    return join(findPlatformLevel(info, pck, teeTcbSvn), qe, module);
  };
  const launch = rateBy(body.teeTcbSvn);
  if (body.kind === 'td10') return launch;
  return { ...launch, status: relaunchStatus(launch.status, rateBy(body.teeTcbSvn2).status) };
}

function join(platform: TcbRating, qe: TcbRating, module: TcbRating | null): PlatformRating {
  const components = module ? [qe, module] : [qe];
  const rated: [TcbComponent, TcbRating | null][] = [
    ['platform', platform],
    ['qe', qe],
    ['module', module],
  ];
  return {
    status: convergeStatus(
      platform.status,
      components.map(({ status }) => status),
    ),
    statusBy: { platform: platform.status, qe: qe.status, module: module?.status ?? null },
    tcbDate: components.map(({ tcbDate }) => tcbDate).reduce(earlier, platform.tcbDate),
    advisories: rated.flatMap(([by, rating]) => [...new Set(rating?.advisoryIds ?? [])].map((id) => ({ id, by }))),
  };
}

/** Dates of one form in UTC sort as their letters do. */
function earlier(a: string, b: string): string {
  return a <= b ? a : b;
}
