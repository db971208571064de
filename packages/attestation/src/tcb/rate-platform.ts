import { type TcbComponent, type TcbStatus, TeeError } from '@neo-service-layer/tee-interface';
import { toHex } from '../bytes/hex.ts';
import { dateSeconds } from '../collateral/json-fields.ts';
import type { QeIdentity } from '../collateral/qe-identity.ts';
import type { TcbInfo } from '../collateral/tcb-info.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import type { PckExtension } from '../x509/pck-extension.ts';
import { findPlatformLevel } from './platform-level.ts';
import { findIsvSvnLevel } from './qe-level.ts';
import { convergeStatus, type TcbRating } from './tcb-rating.ts';
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
    ['PCEID', toHex(pck.pceId), info.pceId],
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
 * Rates platform, quoting enclave and TDX module, and joins the three.
 * @throws {TeeError} ERR_TCB_LEVEL_NOT_FOUND, ERR_TDX_MODULE_MISMATCH
 */
export function ratePlatform(
  quote: UnverifiedQuote,
  pck: PckExtension,
  info: TcbInfo,
  identity: QeIdentity,
): PlatformRating {
  const { body } = quote;
  const module = body.kind === 'sgx' ? null : rateTdxModule(body, body.teeTcbSvn, info);
  const platform = findPlatformLevel(info, pck, body.kind === 'sgx' ? null : body.teeTcbSvn);
  const qe = findIsvSvnLevel(identity.levels, quote.qeReport.isvSvn, 'The quoting enclave');
  const withModule = module ? convergeStatus(platform.status, module.status) : platform.status;
  const rated: [TcbComponent, TcbRating | null][] = [
    ['platform', platform],
    ['qe', qe],
    ['module', module],
  ];
  return {
    status: convergeStatus(withModule, qe.status),
    statusBy: { platform: platform.status, qe: qe.status, module: module?.status ?? null },
    tcbDate: [qe.tcbDate, module?.tcbDate ?? platform.tcbDate].reduce(earlier, platform.tcbDate),
    advisories: rated.flatMap(([by, rating]) => [...new Set(rating?.advisoryIds ?? [])].map((id) => ({ id, by }))),
  };
}

function earlier(a: string, b: string): string {
  return dateSeconds(a) <= dateSeconds(b) ? a : b;
}
