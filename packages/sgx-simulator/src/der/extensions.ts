import { createHash, type KeyObject } from 'node:crypto';
import { bitString, boolean, type Der, explicit, implicit, integer, octetString, oid, sequence } from './der.ts';

/** One X.509 extension (RFC 5280 §4.1). */
export function extension(id: string, critical: boolean, value: Der): Der {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** The bits of KeyUsage this package sets (RFC 5280 §4.2.1.3): first byte, and how many low bits of it are unused. */
export const keyUsages = { digitalSignature: [0xc0, 6], certificateSigning: [0x06, 1] } as const;

export function basicConstraints(ca: boolean, pathLength?: number): Der {
  const content = [...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])];
  return extension('2.5.29.19', true, sequence(...content));
}

export function keyUsage([bits, unused]: readonly [number, number]): Der {
  return extension('2.5.29.15', true, bitString(Uint8Array.of(bits), unused));
}

/** Key identifier by RFC 5280 §4.2.1.2 method 1: SHA-1 over the public key bits. A name, not a protection. */
function keyIdentifier(publicKey: KeyObject): Uint8Array {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // The last 65 bytes of a P-256 SubjectPublicKeyInfo are the uncompressed point.
  return createHash('sha1').update(spki.subarray(-65)).digest();
}

export function subjectKeyIdentifier(publicKey: KeyObject): Der {
  return extension('2.5.29.14', false, octetString(keyIdentifier(publicKey)));
}

export function authorityKeyIdentifier(issuerKey: KeyObject): Der {
  return extension('2.5.29.35', false, sequence(implicit(0, keyIdentifier(issuerKey))));
}

/** Where the CRL of the issuer would be; Intel's certificates have it, so ours do. The address is reserved and dead. */
export function crlDistributionPoint(uri: string): Der {
  const name = explicit(0, explicit(0, implicit(6, Buffer.from(uri, 'latin1'))));
  return extension('2.5.29.31', false, sequence(sequence(name)));
}

export function crlNumber(value: number): Der {
  return extension('2.5.29.20', false, integer(value));
}
