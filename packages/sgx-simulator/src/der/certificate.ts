import { type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  type Der,
  explicit,
  integer,
  oid,
  printableString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

/** A distinguished name as the attributes that Intel's certificates carry, in their order. */
export interface DistinguishedName {
  commonName: string;
  organization: string;
  locality: string;
  state: string;
  country: string;
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

function attribute(id: string, value: Der): Der {
  return set(sequence(oid(id), value));
}

/** Name of RFC 5280 §4.1.2.4. */
function encodeName(name: DistinguishedName): Der {
  return sequence(
    attribute('2.5.4.3', utf8String(name.commonName)),
    attribute('2.5.4.10', utf8String(name.organization)),
    attribute('2.5.4.7', utf8String(name.locality)),
    attribute('2.5.4.8', utf8String(name.state)),
    attribute('2.5.4.6', printableString(name.country)),
  );
}

/** What goes into a certificate; `extensions` are ready-made (see extensions.ts). */
export interface CertificateFields {
  /** Big-endian, positive, at most 20 bytes. */
  serial: Uint8Array;
  issuer: DistinguishedName;
  subject: DistinguishedName;
  notBefore: Date;
  notAfter: Date;
  publicKey: KeyObject;
  extensions: Der[];
}

/** A v3 certificate (RFC 5280 §4.1) signed with ECDSA P-256 and SHA-256. */
export function signCertificate(fields: CertificateFields, issuerKey: KeyObject): Der {
  return signed(
    sequence(
      explicit(0, integer(2)),
      integer(fields.serial),
      ecdsaWithSha256,
      encodeName(fields.issuer),
      sequence(time(fields.notBefore), time(fields.notAfter)),
      encodeName(fields.subject),
      fields.publicKey.export({ type: 'spki', format: 'der' }),
      explicit(3, sequence(...fields.extensions)),
    ),
    issuerKey,
  );
}

/** What goes into a certificate revocation list. */
export interface CrlFields {
  issuer: DistinguishedName;
  thisUpdate: Date;
  nextUpdate: Date;
  /** Serials of revoked certificates with the time of revocation. */
  revoked: { serial: Uint8Array; at: Date }[];
  extensions: Der[];
}

/** A v2 CRL (RFC 5280 §5.1) signed with ECDSA P-256 and SHA-256. */
export function signCrl(fields: CrlFields, issuerKey: KeyObject): Der {
  const entries = fields.revoked.map((entry) => sequence(integer(entry.serial), time(entry.at)));
  return signed(
    sequence(
      integer(1),
      ecdsaWithSha256,
      encodeName(fields.issuer),
      time(fields.thisUpdate),
      time(fields.nextUpdate),
      ...(entries.length === 0 ? [] : [sequence(...entries)]),
      explicit(0, sequence(...fields.extensions)),
    ),
    issuerKey,
  );
}

function signed(content: Der, issuerKey: KeyObject): Der {
  return sequence(content, ecdsaWithSha256, bitString(sign('sha256', content, issuerKey)));
}

/** PEM text of a DER value, 64 characters a line, with a final newline. */
export function toPem(label: 'CERTIFICATE' | 'X509 CRL', der: Der): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
