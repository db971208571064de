import type { TcbComponent, TcbStatus } from '@neo-service-layer/tee-interface';
import type { QeIdentity } from '../collateral/qe-identity.ts';
import type { IsvSvnLevel, TcbComponentName, TcbInfo, TcbLevel } from '../collateral/tcb-info.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import type { PckExtension } from '../x509/pck-extension.ts';
import { firstPlatformSvn } from './platform-level.ts';
import { findTdxModuleIdentity } from './tdx-module.ts';

/** One security version that is too low for the platform to be up to date. */
export interface Shortfall {
  by: TcbComponent;
  /** What has the version, e.g. `SGX TCB component 3 (BIOS, Early Microcode Update)`. */
  component: string;
  found: number;
  needed: number;
}

const outdated: readonly TcbStatus[] = ['OutOfDate', 'OutOfDateConfigurationNeeded', 'Revoked'];

/**
 * Says by how much which version is behind the nearest level that is not out of date. Empty when nothing is, also when
 * the platform only needs configuration or hardening, which no version cures. Explains, and decides nothing.
 */
export function findShortfall(
  quote: UnverifiedQuote,
  pck: PckExtension,
  info: TcbInfo,
  identity: QeIdentity,
): Shortfall[] {
  const { body, qeReport } = quote;
  const teeTcbSvn = body.kind === 'sgx' ? null : body.teeTcbSvn;
  const qe = isvSvnShortfall('qe', 'Quoting enclave ISVSVN', identity.levels, qeReport.isvSvn);
  return [...platformShortfall(pck, info, teeTcbSvn), ...qe, ...moduleShortfall(teeTcbSvn, info)];
}

/** One sentence of a shortfall. */
export function describeShortfall({ component, found, needed }: Shortfall): string {
  return `${component} is ${found}, needs ${needed}`;
}

function platformShortfall(pck: PckExtension, info: TcbInfo, teeTcbSvn: Uint8Array | null): Shortfall[] {
  const gaps = info.levels
    .filter(({ status }) => !outdated.includes(status))
    .map((level) => gapsTo(level, pck, info, teeTcbSvn));
  // The level that takes the fewest updates.
  return gaps.reduce<Shortfall[] | null>((best, gap) => (best && best.length <= gap.length ? best : gap), null) ?? [];
}

function gapsTo(level: TcbLevel, pck: PckExtension, info: TcbInfo, teeTcbSvn: Uint8Array | null): Shortfall[] {
  const pairs = level.sgxSvns.map((needed, i) => ({
    component: componentName('SGX', i, info.sgxComponents[i]),
    found: pck.tcbComponentSvns[i] ?? 0,
    needed,
  }));
  pairs.push({ component: 'PCESVN', found: pck.pceSvn, needed: level.pceSvn });
  if (teeTcbSvn && level.tdxSvns) {
    const from = firstPlatformSvn(teeTcbSvn);
    for (const [i, needed] of level.tdxSvns.entries()) {
      const component = componentName('TDX', i, info.tdxComponents[i]);
      if (i >= from) pairs.push({ component, found: teeTcbSvn[i] ?? 0, needed });
    }
  }
  return pairs.filter(({ found, needed }) => found < needed).map((pair) => ({ by: 'platform', ...pair }));
}

/** Numbered from 1, as TCB info version 2 does. */
function componentName(tee: 'SGX' | 'TDX', index: number, name: TcbComponentName | undefined): string {
  const words = [name?.category, name?.type].filter((word) => word);
  return `${tee} TCB component ${index + 1}${words.length > 0 ? ` (${words.join(', ')})` : ''}`;
}

function moduleShortfall(teeTcbSvn: Uint8Array | null, info: TcbInfo): Shortfall[] {
  const identity = teeTcbSvn && findTdxModuleIdentity(teeTcbSvn, info);
  return identity ? isvSvnShortfall('module', `TDX module ${identity.id} SVN`, identity.levels, teeTcbSvn[0] ?? 0) : [];
}

function isvSvnShortfall(
  by: TcbComponent,
  component: string,
  levels: readonly IsvSvnLevel[],
  found: number,
): Shortfall[] {
  const good = levels.filter(({ status }) => !outdated.includes(status)).map(({ isvSvn }) => isvSvn);
  const needed = Math.min(...good);
  return Number.isFinite(needed) && found < needed ? [{ by, component, found, needed }] : [];
}
