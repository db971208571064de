import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import type { CborValue } from '@neo-service-layer/tee-interface/cbor';
import { crypto } from '#crypto';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { P256KeyPair } from '../crypto/backend.ts';
import { bits, der, extension, integer, name, oid, sequence, time } from '../der/der-writer.ts';
import { parseQuote } from '../quote/parse-quote.ts';
import { oids } from '../x509/oids.ts';
import { encodeDiceEvidence } from './dice-evidence.ts';
import { encodeEndorsements } from './endorsements.ts';
import { evidenceOids } from './evidence-oids.ts';
import { parseRaTlsCertificate } from './parse-ra-tls-certificate.ts';
import { toPem } from './pem.ts';
import { encodeRaTlsClaims } from './ra-tls-claims.ts';
import { verifySelfSignature } from './self-signature.ts';

/** What goes into a certificate. */
export interface CreateRaTlsOptions {
  /** Has this report data (64 bytes) quoted, e.g. `(data) => device.generateQuote(data)`. */
  quoteFor: (reportData: Uint8Array) => Promise<Uint8Array>;
  /** Unix seconds, whole, both inclusive. */
  validity: { notBefore: number; notAfter: number };
  /** Common name, for people. Default: `RA-TLS`. */
  subject?: string | undefined;
  /** Bytes that a relying party asked for. */
  nonce?: Uint8Array | undefined;
  /** Further claims, which the quote commits to as to the key. */
  claims?: Readonly<Record<string, CborValue>> | undefined;
  /** Goes along as endorsements, for relying parties that cannot fetch any. It makes every handshake about 15 KB longer. */
  collateral?: Collateral | undefined;
  /** Default: a new key pair. A key that was outside of the enclave proves nothing about the enclave. */
  keys?: P256KeyPair | undefined;
}

/** A certificate with its key. Neither of the private forms may leave the enclave. */
export interface RaTlsIdentity {
  certificateDer: Uint8Array;
  certificatePem: string;
  /** PrivateKeyInfo (DER). */
  privateKeyDer: Uint8Array;
  privateKeyPem: string;
}

const ecdsaWithSha256 = sequence(oid(oids.ecdsaWithSha256));

/**
 * Makes a self-signed RA-TLS certificate (CCC Interoperable RA-TLS): a P-256 key, and a quote that commits to claims
 * which hold the SHA-256 of the key. But for the new key and the signature, equal options give equal bytes.
 *
 * What came back from `quoteFor` passed through the host, so it is checked that it is a quote with the right report
 * data. Whether it is genuine is for relying parties to verify.
 *
 * @throws {TeeError} ERR_RATLS_BINDING when the quote has other report data, ERR_QUOTE_FORMAT, ERR_QUOTE_UNSUPPORTED,
 *   ERR_INVALID_ARGUMENT for options that make no certificate, ERR_CBOR for claims without an encoding, ERR_CERT_FORMAT
 *   when it gets longer than what verifiers read (64 KiB), and whatever `quoteFor` throws
 */
export async function createRaTlsCertificate(options: CreateRaTlsOptions): Promise<RaTlsIdentity> {
  requireValidity(options.validity);
  const endorsements = options.collateral && encodeEndorsements(options.collateral);
  const { spki, pkcs8 } = options.keys ?? (await crypto.generateP256KeyPair());
  const keyDigest = await crypto.sha256(spki);
  const claims = encodeRaTlsClaims({ keyDigest, nonce: options.nonce, custom: options.claims });
  const reportData = new Uint8Array(64);
  reportData.set(await crypto.sha256(claims));
  const quote = await options.quoteFor(reportData.slice());
  requireReportData(quote, reportData);

  const extensions = [
    extension(oids.basicConstraints, true, sequence()),
    // digitalSignature alone: bit 0, the seven others unused.
    extension(oids.keyUsage, true, bits(Uint8Array.of(0x80), 7)),
    // Not critical, or TLS libraries that do not know it would end the handshake.
    extension(evidenceOids.diceEvidence, false, encodeDiceEvidence({ quote, claims })),
    ...(endorsements ? [extension(evidenceOids.diceEndorsements, false, endorsements)] : []),
  ];
  const subject = name(options.subject ?? 'RA-TLS');
  const tbs = sequence(
    der(0xa0, integer(2)),
    integer(serialNumber(keyDigest)),
    ecdsaWithSha256,
    subject,
    sequence(time(options.validity.notBefore), time(options.validity.notAfter)),
    subject,
    spki,
    der(0xa3, sequence(...extensions)),
  );
  const certificateDer = sequence(tbs, ecdsaWithSha256, bits(encodeSignature(await crypto.signP256(pkcs8, tbs))));
  await requireReadable(certificateDer);
  return {
    certificateDer,
    certificatePem: toPem('CERTIFICATE', certificateDer),
    privateKeyDer: pkcs8,
    privateKeyPem: toPem('PRIVATE KEY', pkcs8),
  };
}

/** A number no other key has; positive and without a leading zero (RFC 5280 §4.1.2.2). */
function serialNumber(keyDigest: Uint8Array): Uint8Array {
  return Uint8Array.of(0x40 | ((keyDigest[0] ?? 0) & 0x3f), ...keyDigest.subarray(1, 16));
}

/** ECDSA-Sig-Value (RFC 3279 §2.2.3). */
function encodeSignature(raw: Uint8Array): Uint8Array {
  return sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
}

function requireValidity({ notBefore, notAfter }: CreateRaTlsOptions['validity']): void {
  // Years that X.509 can write.
  const [first, last] = [Date.UTC(1950, 0, 1) / 1000, Date.UTC(9999, 11, 31, 23, 59, 59) / 1000];
  const isTime = (seconds: number) => Number.isSafeInteger(seconds) && seconds >= first && seconds <= last;
  if (isTime(notBefore) && isTime(notAfter) && notBefore <= notAfter) return;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'The validity of the certificate is no span of time.', {
    expected: 'whole unix seconds, notBefore up to notAfter',
    actual: `${notBefore} to ${notAfter}`,
  });
}

function requireReportData(quote: Uint8Array, expected: Uint8Array): void {
  const { reportData } = parseQuote(quote).body;
  if (equalBytes(reportData, expected)) return;
  throw new TeeError('ERR_RATLS_BINDING', 'The quote that came back carries other report data than was asked for.', {
    expected: toHex(expected),
    actual: toHex(reportData),
    hint: 'The host answered with a quote of another enclave, or with an old one.',
  });
}

/** A pair that does not fit together, or a certificate that is too long, must show here and not at the first client. */
async function requireReadable(certificateDer: Uint8Array): Promise<void> {
  const { certificate } = parseRaTlsCertificate(certificateDer);
  try {
    await verifySelfSignature(certificate);
  } catch (cause) {
    if (!(cause instanceof TeeError)) throw cause;
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The two halves of the given key pair do not belong together.', {
      cause,
    });
  }
}
