import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { parseQuote } from '../quote/parse-quote.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import { requireQeIdentity } from '../tcb/qe-level.ts';
import { type PlatformRating, ratePlatform, requireTcbInfo } from '../tcb/rate-platform.ts';
import type { PckExtension } from '../x509/pck-extension.ts';
import type { CertificateChain } from './certificate-chain.ts';
import { CheckList } from './check-list.ts';
import { describeQuote, describeRating } from './descriptions.ts';
import { outcome } from './outcome.ts';
import { verifyPckPath } from './pck-path.ts';
import { type PrepareOptions, prepareCollateral } from './prepare-collateral.ts';
import { PreparedCollateral, type PreparedParts } from './prepared-collateral.ts';
import { requireIntelVendor, verifyQeReportData, verifyQeReportSignature, verifyQuoteSignature } from './quote-path.ts';
import { checkWindow, requireClock } from './validity-window.ts';
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
  const parsed = list.run('quote.format', describeQuote, () => parseQuote(bytes));
  if (!parsed) return outcome(list, prepared, [], null, null, null, null);

  const { parts } = prepared;
  list.run('quote.vendor', 'The quote names Intel as the vendor of its quoting enclave.', () =>
    requireIntelVendor(parsed),
  );
  const { chain, pck, checks, windows } = await verifyPckPath(parsed, parts);
  list.add(...checks);
  await verifySignaturePath(parsed, chain, parts, list);
  list.add(...parts.checks);
  const used = [...windows, ...parts.windows];
  for (const window of used) {
    list.run(window.name, `${window.what} is valid at the time of the verification.`, () => checkWindow(window, now));
  }
  const rating = pck && rate(parsed, pck, parts, list);
  return outcome(list, prepared, used, parsed, chain, pck, rating);
}

async function requirePrepared(collateral: Collateral | PreparedCollateral, options: VerifyOptions) {
  if (!(collateral instanceof PreparedCollateral)) return prepareCollateral(collateral, options);
  if (options.trustAnchors === undefined && options.revocation === undefined) return collateral;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'Prepared collateral has its trust anchors and revocation mode already.', {
    hint: 'Give them to prepareCollateral.',
  });
}

async function verifySignaturePath(
  quote: UnverifiedQuote,
  chain: CertificateChain | null,
  { signatures, qeIdentity }: PreparedParts,
  list: CheckList,
): Promise<void> {
  await list.runAsync('qe.reportSignature', 'The report of the quoting enclave is signed by the PCK certificate.', () =>
    verifyQeReportSignature(quote, chain?.leaf.publicKey ?? null, signatures),
  );
  await list.runAsync('qe.reportData', 'The quoting enclave vouches for the attestation key.', () =>
    verifyQeReportData(quote),
  );
  if (qeIdentity) {
    list.run('qe.identity', 'The quoting enclave is the one that Intel describes.', () =>
      requireQeIdentity(quote.qeReport, qeIdentity, quote.tee),
    );
  }
  await list.runAsync('quote.signature', 'The quote is signed by the attestation key.', () =>
    verifyQuoteSignature(quote, signatures),
  );
}

function rate(
  quote: UnverifiedQuote,
  pck: PckExtension,
  { tcbInfo, qeIdentity }: PreparedParts,
  list: CheckList,
): PlatformRating | null {
  if (!tcbInfo) return null;
  const matched = list.run('tcbInfo.match', 'The TCB info is of this TEE, FMSPC and PCE.', () => {
    requireTcbInfo(tcbInfo, quote.tee, pck);
    return true;
  });
  if (!matched || !qeIdentity) return null;
  return list.run('tcb.level', describeRating, () => ratePlatform(quote, pck, tcbInfo, qeIdentity));
}
