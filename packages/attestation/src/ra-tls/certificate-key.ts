import { TeeError } from '@neo-service-layer/tee-interface';
import { type DerElement, derTags } from '../der/der-element.ts';
import { DerReader } from '../der/der-reader.ts';
import { readIntegerBytes, readOid, readWholeBits } from '../der/der-values.ts';

/** Kinds of keys that RA-TLS certificates have. */
export type CertificateKey = { kind: 'ec'; curve: 'P-256' | 'P-384' } | { kind: 'rsa'; bits: number };

const ecPublicKey = '1.2.840.10045.2.1';
const rsaEncryption = '1.2.840.113549.1.1.1';

const curves: Readonly<Record<string, { name: 'P-256' | 'P-384'; pointLength: number }>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', pointLength: 65 },
  '1.3.132.0.34': { name: 'P-384', pointLength: 97 },
};

/** Shorter keys are weak, longer ones only cost the verifier time. */
const rsaBits = { min: 2048, max: 4096 } as const;

/**
 * What kind of key a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) holds: P-256 or P-384 as an uncompressed point (RFC 5480),
 * or RSA of 2048 to 4096 bits (RFC 3279 §2.3.1). Whether the point lies on the curve shows when the key is used.
 * @throws {TeeError} ERR_RATLS_KEY for any other key, ERR_CERT_FORMAT
 */
export function readCertificateKey(spki: Uint8Array): CertificateKey {
  const reader = DerReader.open(spki);
  const algorithm = reader.enter();
  const bits = readWholeBits(reader.next());
  reader.end();
  const kind = readOid(algorithm.next());
  const parameters = algorithm.next();
  algorithm.end();
  if (kind === ecPublicKey) return readEcKey(parameters, bits);
  if (kind === rsaEncryption && parameters.tag === derTags.null && parameters.content.length === 0) {
    return readRsaKey(bits);
  }
  throw unsupported(kind);
}

function readEcKey(parameters: DerElement, point: Uint8Array): CertificateKey {
  if (parameters.tag !== derTags.oid) throw unsupported('a curve without a name');
  const id = readOid(parameters);
  const curve = curves[id];
  if (!curve) throw unsupported(`a key on curve ${id}`);
  if (point.length !== curve.pointLength || point[0] !== 4) throw unsupported('a point that is not uncompressed');
  return { kind: 'ec', curve: curve.name };
}

function readRsaKey(bytes: Uint8Array): CertificateKey {
  const reader = DerReader.open(bytes);
  const modulus = readIntegerBytes(reader.next());
  const exponent = readIntegerBytes(reader.next());
  reader.end();
  const bits = bitLength(modulus);
  if (bits < rsaBits.min || bits > rsaBits.max) throw unsupported(`an RSA key of ${bits} bits`);
  // An exponent of one makes every message its own signature; long ones only cost time (FIPS 186-5 §5.4).
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1;
  if (!isOdd || bitLength(exponent) < 2 || bitLength(exponent) > 33) throw unsupported('an unusual RSA exponent');
  return { kind: 'rsa', bits };
}

/** Length in bits of a positive INTEGER; 0 for one that is negative or zero. */
function bitLength(content: Uint8Array): number {
  const [first = 0x80] = content;
  if (first >= 0x80) return 0;
  const magnitude = first === 0 ? content.subarray(1) : content;
  return magnitude.length === 0 ? 0 : 8 * magnitude.length - Math.clz32(magnitude[0] ?? 0) + 24;
}

function unsupported(actual: string): TeeError {
  return new TeeError('ERR_RATLS_KEY', 'The key of the certificate is of an unsupported kind.', {
    expected: 'P-256, P-384, or RSA of 2048 to 4096 bits',
    actual,
  });
}
