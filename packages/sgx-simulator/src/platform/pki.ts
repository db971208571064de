import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { simulationMarkerOid } from '@neo-service-layer/attestation/device';
import { type DistinguishedName, signCertificate, toPem } from '../der/certificate.ts';
import { type Der, nullValue } from '../der/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoint,
  extension,
  keyUsage,
  keyUsages,
  subjectKeyIdentifier,
} from '../der/extensions.ts';
import { pckName, platformCaName, rootName, tcbSigningName } from './names.ts';
import { type PckPlatform, sgxExtensions } from './sgx-extensions.ts';
import type { CertifiedKey } from './state.ts';

/** A day in milliseconds. */
export const dayMs = 86_400_000;
const crlAddress = 'https://simulated-sgx.invalid/crl';

/** The certificates of a new machine: root, platform CA, PCK leaf and TCB signing. */
export interface Pki {
  root: CertifiedKey;
  platformCa: CertifiedKey;
  pck: CertifiedKey;
  tcbSigning: CertifiedKey;
}

/** A new P-256 private key as PKCS #8 PEM. */
export function newPrivateKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** Makes a whole simulated PKI, valid from a day before `now`. The root carries the critical simulation marker. */
export function createPki(platform: PckPlatform, now: Date): Pki {
  const rootKey = newPrivateKey();
  const marker = extension(simulationMarkerOid, true, nullValue());
  const root = issue(rootKey, rootName, rootName, rootKey, now, 30, [
    basicConstraints(true, 1),
    keyUsage(keyUsages.certificateSigning),
    marker,
  ]);
  const platformCa = issue(rootKey, rootName, platformCaName, newPrivateKey(), now, 15, [
    basicConstraints(true, 0),
    keyUsage(keyUsages.certificateSigning),
  ]);
  const tcbSigning = issue(rootKey, rootName, tcbSigningName, newPrivateKey(), now, 15, [
    basicConstraints(false),
    keyUsage(keyUsages.digitalSignature),
  ]);
  return { root, platformCa, tcbSigning, pck: issuePck(platformCa, newPrivateKey(), platform, now) };
}

/** Issues a PCK certificate: once for a new machine, and again whenever its TCB changes (Intel's PCS does the same). */
export function issuePck(ca: CertifiedKey, privateKey: string, platform: PckPlatform, now: Date): CertifiedKey {
  return issue(ca.privateKey, platformCaName, pckName, privateKey, now, 7, [
    basicConstraints(false),
    keyUsage(keyUsages.digitalSignature),
    sgxExtensions(platform),
  ]);
}

/** The serial number of a certificate, big-endian. */
export function serialOf(certified: CertifiedKey): Uint8Array {
  // As PEM: given DER, Node looks for PEM in it first.
  const pem = toPem('CERTIFICATE', Buffer.from(certified.certificate, 'base64'));
  return Buffer.from(new X509Certificate(pem).serialNumber, 'hex');
}

function issue(
  issuerPem: string,
  issuer: DistinguishedName,
  subject: DistinguishedName,
  privateKey: string,
  now: Date,
  years: number,
  extensions: Der[],
): CertifiedKey {
  const issuerKey: KeyObject = createPrivateKey(issuerPem);
  const publicKey = createPublicKey(privateKey);
  const certificate = signCertificate(
    {
      serial: newSerial(),
      issuer,
      subject,
      notBefore: new Date(now.getTime() - dayMs),
      notAfter: new Date(now.getTime() + years * 365 * dayMs),
      publicKey,
      extensions: [
        authorityKeyIdentifier(createPublicKey(issuerPem)),
        crlDistributionPoint(crlAddress),
        subjectKeyIdentifier(publicKey),
        ...extensions,
      ],
    },
    issuerKey,
  );
  return { privateKey, certificate: Buffer.from(certificate).toString('base64') };
}

function newSerial(): Uint8Array {
  const serial = randomBytes(20);
  // Positive and of full length: the first byte is from 0x40 to 0x7f.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}
