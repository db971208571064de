import { type Collateral, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { unwrapCertificates } from '../collateral/containers.ts';
import type { QeIdentity } from '../collateral/qe-identity.ts';
import type { TcbInfo } from '../collateral/tcb-info.ts';
import { requireTcbInfo } from '../tcb/rate-platform.ts';
import { prepareCollateral } from '../verify/prepare-collateral.ts';
import type { PreparedCollateral } from '../verify/prepared-collateral.ts';
import { verifyRevocationList } from '../verify/revocation.ts';
import type { TrustAnchor } from '../verify/trust-anchor.ts';
import { checkWindow, clockSkewSeconds } from '../verify/validity-window.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import type { RevocationList } from '../x509/revocation-list.ts';
import type { QuotedPlatform } from './platform-finder.ts';

/** Collateral that is genuine and of one platform; whether it is fresh depends on the time. */
export interface VettedCollateral {
  collateral: Collateral;
  prepared: PreparedCollateral;
  tcbInfo: TcbInfo;
  qeIdentity: QeIdentity;
  pckCrl: RevocationList;
  rootCaCrl: RevocationList;
  /** When the first thing in it expires, unix seconds. */
  validUntil: number;
}

/**
 * Verifies all of collateral that does not depend on the time: every format, chain and signature, that nobody who
 * signed it is revoked, and that it is of this TEE, FMSPC, PCE, PCK CA and root.
 * @throws {TeeError} ERR_COLLATERAL_MALFORMED, whose cause or message names the check
 */
export async function vetCollateral(
  collateral: Collateral,
  platform: QuotedPlatform,
  trustAnchors: readonly Uint8Array[] | undefined,
): Promise<VettedCollateral> {
  const prepared = await prepareCollateral(collateral, { trustAnchors });
  const { checks, anchors, tcbInfo, qeIdentity, pckCrl, rootCaCrl, signatures } = prepared.parts;
  const failed = checks.find(({ ok }) => !ok);
  if (failed) {
    throw new TeeError('ERR_COLLATERAL_MALFORMED', `The collateral failed ${failed.name}: ${failed.detail}`, {
      ...(failed.expected === undefined ? {} : { expected: failed.expected }),
      ...(failed.found === undefined ? {} : { actual: failed.found }),
      details: { check: failed.name, code: failed.code },
    });
  }
  const { validUntil } = prepared;
  if (!tcbInfo || !qeIdentity || !pckCrl || !rootCaCrl || validUntil === null) {
    throw new TeeError('ERR_COLLATERAL_MALFORMED', 'The collateral is not complete.');
  }
  const { tee, pck, pckCa, anchor } = platform;
  try {
    requireTcbInfo(tcbInfo, tee, pck);
    requireQuotingEnclaveOf(tee, qeIdentity);
    requireSameRoot(anchors, anchor);
    await verifyRevocationList(pckCrl, pckCa, pckCa.publicKey ?? new Uint8Array(), signatures);
    requireIssuerOf(collateral.pckCrlIssuerChain, pckCa);
  } catch (cause) {
    throw renamed('ERR_COLLATERAL_MALFORMED', cause);
  }
  return { collateral, prepared, tcbInfo, qeIdentity, pckCrl, rootCaCrl, validUntil };
}

/** @throws {TeeError} ERR_COLLATERAL_EXPIRED unless every part is valid at `now` (unix seconds) */
export function requireCurrent({ prepared }: VettedCollateral, now: number): void {
  try {
    for (const window of prepared.parts.windows) checkWindow(window, now);
  } catch (cause) {
    throw renamed('ERR_COLLATERAL_EXPIRED', cause);
  }
}

/** Whether {@link requireCurrent} has nothing to say. */
export function isCurrent({ prepared }: VettedCollateral, now: number): boolean {
  return prepared.parts.windows.every(({ from, until }) => from <= now + clockSkewSeconds && now <= until);
}

function requireQuotingEnclaveOf(tee: 'sgx' | 'tdx', { id }: QeIdentity): void {
  const expected = tee === 'tdx' ? 'TD_QE' : 'QE';
  if (id === expected) return;
  throw new TeeError('ERR_QE_IDENTITY_MISMATCH', 'The QE identity is of another kind of quoting enclave.', {
    expected,
    actual: id,
  });
}

function requireSameRoot(anchors: readonly TrustAnchor[], { publicKey: key }: TrustAnchor): void {
  if (anchors.some(({ publicKey }) => equalBytes(publicKey, key))) return;
  throw new TeeError('ERR_CERT_UNTRUSTED_ROOT', 'The collateral rests on another root than the platform.');
}

/** We verify the list with the CA of the quote's own chain; other verifiers will want this one. */
function requireIssuerOf(chain: Uint8Array | undefined, pckCa: Certificate): void {
  const certificates = chain ? unwrapCertificates(chain).map(parseCertificate) : [];
  const isThere = certificates.some(
    ({ subject, spki }) => equalBytes(subject, pckCa.subject) && equalBytes(spki, pckCa.spki),
  );
  if (isThere) return;
  throw new TeeError('ERR_CRL_ISSUER', 'The issuer chain of the revocation list is not that of the PCK CA.', {
    expected: pckCa.subjectName,
    actual: certificates.map(({ subjectName }) => subjectName).join(', '),
  });
}

/** The error of a check as one of the service; a bug stays what it is. */
function renamed(code: TeeErrorCode, cause: unknown): unknown {
  if (!(cause instanceof TeeError)) return cause;
  const { expected, actual } = cause;
  return new TeeError(code, cause.message, {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    details: { code: cause.code },
    cause,
  });
}
