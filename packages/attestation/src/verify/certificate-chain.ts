import { TeeError } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { unknownCritical } from '../x509/extensions.ts';
import { oids } from '../x509/oids.ts';
import type { SignatureChecker } from './signature-checker.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** A chain of which every link up to the anchor was verified; its times and revocation were not. */
export interface CertificateChain {
  leaf: Certificate;
  /** The CA between leaf and anchor; null when the anchor itself issued the leaf. */
  intermediate: Certificate | null;
  anchor: TrustAnchor;
  /** The evidence carries the anchor's key in another encoding (Intel re-issued its root certificate in 2018). */
  rootDiffers: boolean;
}

/** The two chains of DCAP (Intel SGX PCK Certificate and CRL Profile; QVL's checks of subject names). */
export const chainRoles = {
  pck: { leafName: 'SGX PCK Certificate', hasIntermediate: true },
  tcbSigning: { leafName: 'SGX TCB Signing', hasIntermediate: false },
} as const;

/**
 * Builds the chain of this role out of a heap of certificates and verifies it: exactly the shape that DCAP has, by
 * issuer name (the order in which they come does not matter), with CA flags, path length, key usages, no unknown
 * critical extension, and every signature. The root is the anchor's, never the evidence's.
 *
 * Not verified here: times, revocation.
 *
 * @throws {TeeError} ERR_CERT_FORMAT, ERR_CERT_CHAIN, ERR_CERT_EXTENSION, ERR_CERT_UNTRUSTED_ROOT, ERR_CERT_SIGNATURE
 */
export async function verifyCertificateChain(
  certificates: readonly Uint8Array[],
  role: keyof typeof chainRoles,
  anchors: readonly TrustAnchor[],
  signatures: SignatureChecker,
): Promise<CertificateChain> {
  const { leafName, hasIntermediate } = chainRoles[role];
  const all = certificates.map((der) => findKnown(der, anchors) ?? parseCertificate(der));
  const leaf = findLeaf(all, leafName);
  const intermediate = hasIntermediate ? findIssuer(all, leaf) : null;
  if (intermediate) requireCa(intermediate);
  const top = intermediate ?? leaf;
  const anchor = await findAnchor(all, top, anchors, signatures);
  const { pathLength = null } = anchor.certificate.basicConstraints ?? {};
  if (intermediate && pathLength === 0) throw new TeeError('ERR_CERT_CHAIN', 'The root allows no CA beneath it.');
  if (intermediate) await requireSignature(leaf, intermediate.publicKey, signatures);
  return { leaf, intermediate, anchor, rootDiffers: carriesOtherEncoding(all, anchor) };
}

/** Most chains end with the very encoding of an anchor, which has been read already. */
function findKnown(der: Uint8Array, anchors: readonly TrustAnchor[]): Certificate | undefined {
  return anchors.find(({ certificate }) => equalBytes(certificate.der, der))?.certificate;
}

/** The anchor that issued `top`. Two roots may have the same name (test roots of Intel do): the signature decides. */
async function findAnchor(
  all: readonly Certificate[],
  top: Certificate,
  anchors: readonly TrustAnchor[],
  signatures: SignatureChecker,
): Promise<TrustAnchor> {
  const named = anchors.filter(({ certificate }) => equalBytes(certificate.subject, top.issuer));
  for (const anchor of named) if (await isSignedBy(top, anchor.publicKey, signatures)) return anchor;
  const hasTrustedRoot = all.every(
    (certificate) => !isSelfIssued(certificate) || named.some((anchor) => isSameKey(certificate, anchor)),
  );
  if (named.length > 0 && hasTrustedRoot) throw badSignature(top);
  throw new TeeError('ERR_CERT_UNTRUSTED_ROOT', 'The chain does not end at a trust anchor.', {
    actual: top.issuerName,
    hint: 'Evidence of a simulator or of a test PKI needs its root in trustAnchors.',
  });
}

function findLeaf(all: readonly Certificate[], name: string): Certificate {
  const leaves = all.filter(({ basicConstraints }) => basicConstraints?.ca !== true);
  const [leaf] = leaves;
  if (!leaf || leaves.length !== 1) {
    throw new TeeError('ERR_CERT_CHAIN', 'A chain must hold exactly one certificate that is not a CA.', {
      expected: '1',
      actual: String(leaves.length),
    });
  }
  if (!leaf.subjectName.includes(name)) {
    throw new TeeError('ERR_CERT_CHAIN', 'The certificate at the end of the chain is of another kind.', {
      expected: `a subject with "${name}"`,
      actual: leaf.subjectName,
    });
  }
  if (leaf.keyUsage?.digitalSignature !== true) {
    throw new TeeError('ERR_CERT_CHAIN', 'The certificate at the end of the chain may not sign.', {
      expected: 'key usage digitalSignature',
    });
  }
  requireKnownExtensions(leaf, [oids.basicConstraints, oids.keyUsage, oids.sgxExtensions]);
  return leaf;
}

function findIssuer(all: readonly Certificate[], leaf: Certificate): Certificate {
  // A root is no PCK CA, even if it signed the leaf itself: PCK CAs are what the root can revoke.
  const issuers = all.filter((candidate) => !isSelfIssued(candidate) && equalBytes(candidate.subject, leaf.issuer));
  const [issuer] = issuers;
  if (!issuer || issuers.length !== 1) {
    throw new TeeError('ERR_CERT_CHAIN', 'A chain must hold exactly one certificate of its issuer.', {
      expected: leaf.issuerName,
      actual: `${issuers.length} of them`,
    });
  }
  return issuer;
}

function requireCa(certificate: Certificate): void {
  const { basicConstraints, keyUsage } = certificate;
  if (basicConstraints?.ca !== true || keyUsage?.keyCertSign !== true) {
    throw new TeeError('ERR_CERT_CHAIN', 'A certificate in the middle of the chain is not one of a CA.', {
      expected: 'basic constraint CA and key usage keyCertSign',
      actual: certificate.subjectName,
    });
  }
  requireKnownExtensions(certificate, [oids.basicConstraints, oids.keyUsage]);
}

function requireKnownExtensions(certificate: Certificate, known: readonly string[]): void {
  const [oid] = unknownCritical(certificate.extensions, known);
  if (oid === undefined) return;
  throw new TeeError('ERR_CERT_EXTENSION', 'A certificate has a critical extension that is not understood.', {
    actual: `${oid} in ${certificate.subjectName}`,
  });
}

function carriesOtherEncoding(all: readonly Certificate[], anchor: TrustAnchor): boolean {
  return all.some(
    (certificate) => isSameKey(certificate, anchor) && !equalBytes(certificate.der, anchor.certificate.der),
  );
}

function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return equalBytes(issuer, subject);
}

function isSameKey({ publicKey }: Certificate, anchor: TrustAnchor): boolean {
  return publicKey !== null && equalBytes(publicKey, anchor.publicKey);
}

async function requireSignature(certificate: Certificate, issuerKey: Uint8Array | null, signatures: SignatureChecker) {
  if (!issuerKey) throw new TeeError('ERR_CERT_CHAIN', 'The key of a CA is not on P-256.');
  if (!(await isSignedBy(certificate, issuerKey, signatures))) throw badSignature(certificate);
}

async function isSignedBy({ signature, tbs }: Certificate, issuerKey: Uint8Array, signatures: SignatureChecker) {
  return signature !== null && (await signatures.verify(issuerKey, signature, tbs));
}

function badSignature(certificate: Certificate): TeeError {
  return new TeeError('ERR_CERT_SIGNATURE', 'A certificate was not signed by its issuer.', {
    actual: `${certificate.subjectName}, issued by ${certificate.issuerName}`,
  });
}
