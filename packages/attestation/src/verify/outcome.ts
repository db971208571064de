import type { UnverifiedQuote } from '../quote/quote.ts';
import type { PlatformRating } from '../tcb/rate-platform.ts';
import { findShortfall } from '../tcb/shortfall.ts';
import type { PckExtension } from '../x509/pck-extension.ts';
import type { CertificateChain } from './certificate-chain.ts';
import type { CheckList } from './check-list.ts';
import { toClaims } from './claims.ts';
import type { PreparedCollateral } from './prepared-collateral.ts';
import type { ValidityWindow } from './validity-window.ts';
import type { Verification } from './verification.ts';

/** The checks without which a quote proves nothing about its claims, whatever Intel says of the platform today. */
const pathChecks = [
  'quote.vendor',
  'pck.chain',
  'pck.extension',
  'qe.reportSignature',
  'qe.reportData',
  'qe.identity',
  'quote.signature',
] as const;

/** Makes the verification out of the checks that were made; whatever was not checked counts as failed. */
export function outcome(
  list: CheckList,
  { parts }: PreparedCollateral,
  windows: readonly ValidityWindow[],
  quote: UnverifiedQuote | null,
  chain: CertificateChain | null,
  pck: PckExtension | null,
  rating: PlatformRating | null,
): Verification {
  const ok = list.ok && rating !== null;
  const isRevoked = list.checks.some(({ code }) => code === 'ERR_CERT_REVOKED');
  const isGenuine = pathChecks.every((name) => list.held(name)) && !isRevoked;
  const { tcbInfo, qeIdentity } = parts;
  // Nobody asks what an up-to-date platform lacks.
  const isBehind = rating === null || Object.values(rating.statusBy).some((status) => status !== 'UpToDate');
  const explains = isBehind && isGenuine && quote && pck && tcbInfo && qeIdentity && list.held('tcbInfo.match');
  return {
    ok,
    status: ok ? rating.status : null,
    statusBy: ok ? rating.statusBy : { platform: null, qe: null, module: null },
    mode: chain?.anchor.mode ?? null,
    checks: list.checks,
    advisories: ok ? rating.advisories : [],
    tcbDate: ok ? rating.tcbDate : null,
    shortfall: explains ? findShortfall(quote, pck, tcbInfo, qeIdentity) : [],
    evaluationDataNumbers: {
      tcbInfo: tcbInfo?.tcbEvaluationDataNumber ?? null,
      qeIdentity: qeIdentity?.tcbEvaluationDataNumber ?? null,
    },
    claims: isGenuine && quote && pck ? toClaims(quote.body, pck) : null,
    quote,
    validUntil: ok ? Math.min(...windows.map(({ until }) => until)) : null,
  };
}
