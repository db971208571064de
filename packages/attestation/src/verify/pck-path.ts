import type { VerdictCheck } from '@neo-service-layer/tee-interface';
import { crypto } from '#crypto';
import { byteKey } from '../bytes/byte-key.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import { type PckExtension, parsePckExtension } from '../x509/pck-extension.ts';
import { type CertificateChain, verifyCertificateChain } from './certificate-chain.ts';
import { CheckList } from './check-list.ts';
import { describeChain, describePck } from './descriptions.ts';
import type { PreparedParts } from './prepared-collateral.ts';
import { collectPckCertificates } from './quote-path.ts';
import { requireNotRevoked, verifyRevocationList } from './revocation.ts';
import { certificateWindow, type ValidityWindow } from './validity-window.ts';

/** What was found out about the PCK certificate of a quote, but for its times. */
export interface PckPath {
  checks: readonly VerdictCheck[];
  windows: readonly ValidityWindow[];
  /** Null when it failed. */
  chain: CertificateChain | null;
  /** Null when it failed. */
  pck: PckExtension | null;
}

/** Platforms that are remembered with one prepared collateral; a few kilobytes each. */
const maxRemembered = 256;

/**
 * Verifies the PCK chain, reads its extension and looks for its certificates on the revocation lists. All that depends
 * on nothing but the chain's bytes and the prepared collateral, so a path that held is remembered with the latter.
 */
export async function verifyPckPath(quote: UnverifiedQuote, parts: PreparedParts): Promise<PckPath> {
  const { type, bytes } = quote.certificationData;
  const id = `${type} ${byteKey(await crypto.sha256(bytes))}`;
  const known = parts.pckPaths.get(id);
  if (known) return known;
  const path = await examine(quote, parts);
  if (path.checks.every(({ ok }) => ok)) {
    const [oldest] = parts.pckPaths.keys();
    if (parts.pckPaths.size >= maxRemembered && oldest !== undefined) parts.pckPaths.delete(oldest);
    parts.pckPaths.set(id, path);
  }
  return path;
}

async function examine(quote: UnverifiedQuote, parts: PreparedParts): Promise<PckPath> {
  const list = new CheckList();
  const { pckCertificates, anchors, signatures, revocation } = parts;
  const chain = await list.runAsync('pck.chain', describeChain, async () =>
    verifyCertificateChain(collectPckCertificates(quote, pckCertificates), 'pck', anchors, signatures),
  );
  if (!chain) return { checks: list.checks, windows: [], chain: null, pck: null };
  const pck = list.run('pck.extension', describePck, () => parsePckExtension(chain.leaf));
  if (revocation === 'required') await checkRevocation(chain, parts, list);
  const certificates = [chain.leaf, chain.intermediate, chain.anchor.certificate].filter((found) => found !== null);
  const windows = certificates.map((certificate) => certificateWindow('pck.chainTime', certificate));
  return { checks: list.checks, windows, chain, pck };
}

async function checkRevocation(chain: CertificateChain, parts: PreparedParts, list: CheckList): Promise<void> {
  const { leaf, intermediate } = chain;
  const { rootCaCrl, pckCrl, signatures } = parts;
  if (rootCaCrl && intermediate) {
    list.run('pckCa.revocation', 'The CA of the PCK certificate is not revoked.', () =>
      requireNotRevoked(intermediate, rootCaCrl),
    );
  }
  const key = intermediate?.publicKey;
  if (!pckCrl || !intermediate || !key) return;
  const verified = await list.runAsync(
    'pckCrl.signature',
    'The revocation list of the PCK CA is its own.',
    async () => {
      await verifyRevocationList(pckCrl, intermediate, key, signatures);
      return true;
    },
  );
  if (!verified) return;
  list.run('pck.revocation', 'The PCK certificate is not revoked.', () => requireNotRevoked(leaf, pckCrl));
}
