import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { type DerElement, derFault, derTags } from '../der/der-element.ts';
import { DerReader } from '../der/der-reader.ts';
import {
  readBoolean,
  readIntegerBytes,
  readOid,
  readSmallInteger,
  readTime,
  readWholeBits,
} from '../der/der-values.ts';
import { readEcdsaSignature } from '../der/ecdsa-signature.ts';
import { readCommonName } from './distinguished-name.ts';
import { type Extension, readExtensions } from './extensions.ts';
import { oids } from './oids.ts';

/**
 * A certificate as it was read; nothing is verified. Names are kept as their encodings. `publicKey` and `signature`
 * are null for algorithms other than P-256 and ecdsa-with-SHA256 (and signatures longer than those can be), which no DCAP
 * certificate uses.
 */
export interface Certificate {
  der: Uint8Array;
  /** The part that the issuer signs. */
  tbs: Uint8Array;
  /** Hex of the content octets of the serial number. */
  serialNumber: string;
  issuer: Uint8Array;
  subject: Uint8Array;
  issuerName: string;
  subjectName: string;
  /** Unix seconds, inclusive. */
  notBefore: number;
  /** Unix seconds, inclusive. */
  notAfter: number;
  spki: Uint8Array;
  /** 64 bytes: x and y. */
  publicKey: Uint8Array | null;
  /** 64 bytes: r and s. */
  signature: Uint8Array | null;
  extensions: ReadonlyMap<string, Extension>;
  /** Null without the extension. */
  basicConstraints: { ca: boolean; pathLength: number | null } | null;
  /** Null without the extension. */
  keyUsage: { digitalSignature: boolean; keyCertSign: boolean; crlSign: boolean } | null;
}

/** More than any certificate in DCAP, and than any RA-TLS certificate with a quote in it. */
const maxCertificateBytes = 64 * 1024;

/**
 * Reads a certificate (RFC 5280 §4.1), version 3, in strict DER. Made for DCAP: unlike Node's X509Certificate it
 * never looks for PEM inside the bytes.
 * @throws {TeeError} ERR_CERT_FORMAT
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > maxCertificateBytes) throw derFault('A certificate is absurdly long.');
  const der = ownedCopy(bytes);
  const outer = DerReader.open(der);
  const tbs = outer.next(derTags.sequence);
  const algorithm = outer.next(derTags.sequence);
  const signatureBits = readWholeBits(outer.next());
  outer.end();

  const fields = DerReader.inside(tbs);
  const version = fields.enter(0xa0);
  if (readSmallInteger(version.next(), 2) !== 2) throw derFault('Only X.509 version 3 is accepted.');
  version.end();
  const serialNumber = readIntegerBytes(fields.next(derTags.integer));
  if (!equalBytes(fields.next(derTags.sequence).encoded, algorithm.encoded)) {
    throw derFault('The two signature algorithms of a certificate differ.');
  }
  const issuer = fields.next(derTags.sequence).encoded;
  const validity = fields.enter();
  const notBefore = readTime(validity.next());
  const notAfter = readTime(validity.next());
  validity.end();
  const subject = fields.next(derTags.sequence).encoded;
  const spki = fields.next(derTags.sequence).encoded;
  const extensionsHolder = fields.optional(0xa3);
  fields.end();
  const extensions = readExtensions(
    extensionsHolder ? DerReader.open(extensionsHolder.content) : new DerReader(new Uint8Array()),
  );

  return {
    der,
    tbs: tbs.encoded,
    serialNumber: toHex(serialNumber),
    issuer,
    subject,
    issuerName: readCommonName(issuer),
    subjectName: readCommonName(subject),
    notBefore,
    notAfter,
    spki,
    publicKey: readP256Point(spki),
    signature: isP256Signature(algorithm, signatureBits) ? readEcdsaSignature(signatureBits) : null,
    extensions,
    basicConstraints: readBasicConstraints(extensions.get(oids.basicConstraints)),
    keyUsage: readKeyUsage(extensions.get(oids.keyUsage)),
  };
}

/** Two numbers of 33 octets (the first for the sign), with their headers: what P-256 makes at most. */
const maxP256SignatureBytes = 72;

function isP256Signature(algorithm: DerElement, signature: Uint8Array): boolean {
  return isEcdsaWithSha256(algorithm) && signature.length <= maxP256SignatureBytes;
}

/** True for an AlgorithmIdentifier that is ecdsa-with-SHA256 without parameters (RFC 5758 §3.2). */
export function isEcdsaWithSha256(algorithm: DerElement): boolean {
  const reader = DerReader.inside(algorithm);
  return readOid(reader.next()) === oids.ecdsaWithSha256 && reader.done;
}

function readP256Point(spki: Uint8Array): Uint8Array | null {
  const reader = DerReader.open(spki);
  const algorithm = reader.enter();
  const key = reader.next(derTags.bitString);
  reader.end();
  if (readOid(algorithm.next()) !== oids.ecPublicKey) return null;
  const curve = algorithm.next();
  if (curve.tag !== derTags.oid || readOid(curve) !== oids.prime256v1) return null;
  algorithm.end();
  const point = readWholeBits(key);
  return point.length === 65 && point[0] === 4 ? point.subarray(1) : null;
}

function readBasicConstraints(extension: Extension | undefined): Certificate['basicConstraints'] {
  if (!extension) return null;
  const reader = DerReader.open(extension.value);
  const ca = reader.optional(derTags.boolean);
  const pathLength = reader.optional(derTags.integer);
  reader.end();
  return { ca: ca ? readBoolean(ca) : false, pathLength: pathLength ? readSmallInteger(pathLength, 255) : null };
}

function readKeyUsage(extension: Extension | undefined): Certificate['keyUsage'] {
  if (!extension) return null;
  const reader = new DerReader(extension.value);
  const { content } = reader.next(derTags.bitString);
  reader.end();
  // Bit 0 is the most significant one of the first octet (RFC 5280 §4.2.1.3).
  const bits = content[1] ?? 0;
  return {
    digitalSignature: (bits & 0x80) !== 0,
    keyCertSign: (bits & 0x04) !== 0,
    crlSign: (bits & 0x02) !== 0,
  };
}
