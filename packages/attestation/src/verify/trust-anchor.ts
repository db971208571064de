import { type AttestationMode, TeeError } from '@neo-service-layer/tee-interface';
import { decodeBase64 } from '../bytes/base64.ts';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { unwrapCertificates } from '../collateral/containers.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { unknownCritical } from '../x509/extensions.ts';
import { oids, simulationMarkerOid } from '../x509/oids.ts';
import { intelRootBase64 } from './intel-root.ts';
import { pinKey } from './signature-checker.ts';

/** A root key that the caller trusts. Only its name, key and validity are used; its own signature means nothing. */
export interface TrustAnchor {
  certificate: Certificate;
  /** 64 bytes: x and y. */
  publicKey: Uint8Array;
  /** What evidence under this root is. */
  mode: AttestationMode;
}

const intelRoot = readAnchor(decodeBase64(intelRootBase64) ?? new Uint8Array());

/** The Intel SGX Root CA: the only anchor when the caller names none. */
const intelTrustAnchor: TrustAnchor = { ...intelRoot, mode: 'hardware' };
pinKey(intelTrustAnchor.publicKey);

/**
 * The anchors that the caller named, or Intel's. A root is recognised as Intel's by its key, not by its encoding; as
 * simulated by the marker extension in it.
 * @param certificates each one certificate, DER or PEM
 * @throws {TeeError} ERR_TRUST_ANCHOR for an empty list or a certificate that cannot be a root
 */
export function loadTrustAnchors(certificates?: readonly Uint8Array[]): readonly TrustAnchor[] {
  if (!certificates) return [intelTrustAnchor];
  if (certificates.length === 0) {
    throw new TeeError('ERR_TRUST_ANCHOR', 'The list of trust anchors is empty: nothing could ever be verified.', {
      hint: "Leave trustAnchors out to trust Intel's root.",
    });
  }
  return certificates.map((bytes) => {
    const anchor = unwrapAnchor(bytes);
    return { ...anchor, mode: readMode(anchor) };
  });
}

function unwrapAnchor(bytes: Uint8Array): Omit<TrustAnchor, 'mode'> {
  try {
    const [der, ...more] = unwrapCertificates(bytes);
    if (der && more.length === 0) return readAnchor(der);
  } catch (cause) {
    if (cause instanceof TeeError && cause.code === 'ERR_TRUST_ANCHOR') throw cause;
    throw new TeeError('ERR_TRUST_ANCHOR', 'A trust anchor is not a certificate.', { cause });
  }
  throw new TeeError('ERR_TRUST_ANCHOR', 'A trust anchor must be exactly one certificate.');
}

function readAnchor(der: Uint8Array): Omit<TrustAnchor, 'mode'> {
  const certificate = parseCertificate(der);
  const { publicKey, basicConstraints, keyUsage } = certificate;
  const isRoot =
    basicConstraints?.ca === true &&
    keyUsage?.keyCertSign === true &&
    equalBytes(certificate.issuer, certificate.subject);
  const known = [oids.basicConstraints, oids.keyUsage, simulationMarkerOid];
  const [unknown] = unknownCritical(certificate.extensions, known);
  if (!publicKey || !isRoot || unknown !== undefined) {
    throw new TeeError('ERR_TRUST_ANCHOR', 'A trust anchor cannot be a root of DCAP certificates.', {
      expected: 'a self-issued P-256 CA certificate with keyCertSign and no unknown critical extension',
      actual: unknown ?? certificate.subjectName,
    });
  }
  return { certificate, publicKey };
}

function readMode({ certificate, publicKey }: Omit<TrustAnchor, 'mode'>): AttestationMode {
  if (equalBytes(publicKey, intelTrustAnchor.publicKey)) return 'hardware';
  return certificate.extensions.has(simulationMarkerOid) ? 'simulation' : 'custom-root';
}
