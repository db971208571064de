import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { parseQuote } from '../quote/parse-quote.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import { requireQeIdentity } from '../tcb/qe-level.ts';
import { type PlatformRating, ratePlatform, requireTcbInfo } from '../tcb/rate-platform.ts';
import { type PckExtension, parsePckExtension } from '../x509/pck-extension.ts';
import { type CertificateChain, verifyCertificateChain } from './certificate-chain.ts';
import { CheckList } from './check-list.ts';
import { toClaims } from './claims.ts';
import { type PrepareOptions, prepareCollateral } from './prepare-collateral.ts';
import { PreparedCollateral, type PreparedParts } from './prepared-collateral.ts';
import {
  collectPckCertificates,
  requireIntelVendor,
  verifyQeReportData,
  verifyQeReportSignature,
  verifyQuoteSignature,
} from './quote-path.ts';
import { requireNotRevoked, verifyRevocationList } from './revocation.ts';
import { certificateWindow, checkWindow, requireClock, type ValidityWindow } from './validity-window.ts';
import type { Verification } from './verification.ts';

/** Options of one verification. `trustAnchors` and `revocation` belong to the collateral once that is prepared. */
export interface VerifyOptions extends PrepareOptions {
  /** The time to judge by, unix seconds. Must be finite. */
  now: number;
}

/**
 * Verifies a quote against collateral. Bad evidence is no exception: the verification says which checks failed.
 * Whether the enclave is the right one, in a good enough state and not in debug mode is for `appraise` to say.
 *
 * @param quote its bytes, or what `parseQuote` made of them (which is read again)
 * @param collateral as found, or prepared once for many quotes
 * @throws {TeeError} for misuse only: ERR_CLOCK, ERR_TRUST_ANCHOR, ERR_INVALID_ARGUMENT
 */
export async function verifyQuote(
  quote: Uint8Array | UnverifiedQuote,
  collateral: Collateral | PreparedCollateral,
  options: VerifyOptions,
): Promise<Verification> {
  const now = requireClock(options.now);
  const prepared = await requirePrepared(collateral, options);
  const list = new CheckList();
  const bytes = quote instanceof Uint8Array ? quote : quote.bytes;
  const parsed = await list.run('quote.format', describeQuote, () => parseQuote(bytes));
  if (!parsed) return outcome(list, prepared, [], null, null, null, null);

  const { parts } = prepared;
  const windows: ValidityWindow[] = [];
  await list.run('quote.vendor', 'The quoting enclave is of Intel.', () => requireIntelVendor(parsed));
  const chain = await verifyPckChain(parsed, parts, list, windows);
  const pck = chain && (await list.run('pck.extension', describePck, () => parsePckExtension(chain.leaf)));
  if (chain && parts.revocation === 'required') await checkRevocation(chain, parts, list);
  await verifySignaturePath(parsed, chain, parts, list);
  list.add(...parts.checks);
  const used = [...windows, ...parts.windows];
  for (const window of mergeWindows(used)) {
    await list.run(window.name, `${window.what} is valid at the time of the verification.`, () =>
      checkWindow(window, now),
    );
  }
  const rating = pck && (await rate(parsed, pck, parts, list));
  return outcome(list, prepared, used, parsed, chain, pck, rating);
}

async function requirePrepared(collateral: Collateral | PreparedCollateral, options: VerifyOptions) {
  if (!(collateral instanceof PreparedCollateral)) return prepareCollateral(collateral, options);
  if (options.trustAnchors === undefined && options.revocation === undefined) return collateral;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'Prepared collateral has its trust anchors and revocation mode already.', {
    hint: 'Give them to prepareCollateral.',
  });
}

async function verifyPckChain(
  quote: UnverifiedQuote,
  { pckCertificates, anchors, signatures }: PreparedParts,
  list: CheckList,
  windows: ValidityWindow[],
): Promise<CertificateChain | null> {
  const chain = await list.run('pck.chain', describeChain, () =>
    verifyCertificateChain(collectPckCertificates(quote, pckCertificates), 'pck', anchors, signatures),
  );
  if (!chain) return null;
  for (const certificate of [chain.leaf, chain.intermediate, chain.anchor.certificate]) {
    if (certificate) windows.push(certificateWindow('pck.chainTime', certificate));
  }
  return chain;
}

async function checkRevocation({ leaf, intermediate }: CertificateChain, parts: PreparedParts, list: CheckList) {
  const { rootCaCrl, pckCrl, signatures } = parts;
  if (rootCaCrl && intermediate) {
    await list.run('pckCa.revocation', 'The CA of the PCK certificate is not revoked.', () =>
      requireNotRevoked(intermediate, rootCaCrl),
    );
  }
  const key = intermediate?.publicKey;
  if (!pckCrl || !intermediate || !key) return;
  const verified = await list.run('pckCrl.signature', 'The revocation list of the PCK CA is its own.', async () => {
    await verifyRevocationList(pckCrl, intermediate, key, signatures);
    return true;
  });
  if (!verified) return;
  await list.run('pck.revocation', 'The PCK certificate is not revoked.', () => requireNotRevoked(leaf, pckCrl));
}

async function verifySignaturePath(
  quote: UnverifiedQuote,
  chain: CertificateChain | null,
  { signatures, qeIdentity }: PreparedParts,
  list: CheckList,
): Promise<void> {
  await list.run('qe.reportSignature', 'The report of the quoting enclave is signed by the PCK certificate.', () =>
    verifyQeReportSignature(quote, chain?.leaf.publicKey ?? null, signatures),
  );
  await list.run('qe.reportData', 'The quoting enclave vouches for the attestation key.', () =>
    verifyQeReportData(quote),
  );
  if (qeIdentity) {
    await list.run('qe.identity', 'The quoting enclave is the one that Intel describes.', () =>
      requireQeIdentity(quote.qeReport, qeIdentity, quote.tee),
    );
  }
  await list.run('quote.signature', 'The quote is signed by the attestation key.', () =>
    verifyQuoteSignature(quote, signatures),
  );
}

async function rate(
  quote: UnverifiedQuote,
  pck: PckExtension,
  { tcbInfo, qeIdentity }: PreparedParts,
  list: CheckList,
): Promise<PlatformRating | null> {
  if (!tcbInfo) return null;
  const matched = await list.run('tcbInfo.match', 'The TCB info is of this TEE, FMSPC and PCE.', () => {
    requireTcbInfo(tcbInfo, quote.tee, pck);
    return true;
  });
  if (!matched || !qeIdentity) return null;
  return list.run('tcb.level', describeRating, () => ratePlatform(quote, pck, tcbInfo, qeIdentity));
}

/** The narrowest window of each name and thing, so that a certificate in two chains is checked once. */
function mergeWindows(windows: readonly ValidityWindow[]): ValidityWindow[] {
  return [
    ...new Map(
      windows.map((window) => [`${window.name} ${window.what} ${window.from} ${window.until}`, window]),
    ).values(),
  ];
}

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

function outcome(
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
  return {
    ok,
    status: ok ? rating.status : null,
    statusBy: ok ? rating.statusBy : { platform: null, qe: null, module: null },
    mode: chain?.anchor.mode ?? null,
    checks: list.checks,
    advisories: ok ? rating.advisories : [],
    tcbDate: ok ? rating.tcbDate : null,
    evaluationDataNumbers: {
      tcbInfo: parts.tcbInfo?.tcbEvaluationDataNumber ?? null,
      qeIdentity: parts.qeIdentity?.tcbEvaluationDataNumber ?? null,
    },
    claims: isGenuine && quote && pck ? toClaims(quote.body, pck) : null,
    quote,
    validUntil: ok ? Math.min(...windows.map(({ until }) => until)) : null,
  };
}

function describeQuote({ header, tee, trailingBytes }: UnverifiedQuote): string {
  const trail = trailingBytes > 0 ? `; ${trailingBytes} bytes after it are ignored` : '';
  return `A quote of ${tee.toUpperCase()}, version ${header.version}${trail}.`;
}

function describeChain({ leaf, intermediate, anchor, rootDiffers }: CertificateChain): string {
  const names = [leaf.subjectName, intermediate?.subjectName, anchor.certificate.subjectName];
  const note = rootDiffers ? ' (the chain carries that root in another encoding)' : '';
  return `${names.filter((name) => name !== undefined).join(', issued by ')}, which is a trust anchor${note}.`;
}

function describePck({ fmspc, pceSvn }: PckExtension): string {
  const hex = [...fmspc].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `The platform has FMSPC ${hex} and PCESVN ${pceSvn}.`;
}

function describeRating({ status, statusBy, tcbDate }: PlatformRating): string {
  const parts = Object.entries(statusBy).filter(([, value]) => value !== null);
  return `${status} (${parts.map(([name, value]) => `${name}: ${value}`).join(', ')}), TCB level of ${tcbDate.slice(0, 10)}.`;
}
