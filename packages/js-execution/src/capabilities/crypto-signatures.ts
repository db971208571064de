import { createECDH, createPrivateKey, createPublicKey, ECDH, type KeyObject, sign, verify } from 'node:crypto';
import { GuestFault } from './capability.ts';
import { choiceOf } from './crypto-arguments.ts';

const curves = ['ed25519', 'secp256k1'] as const;
/** Order of secp256k1 (SEC 2, 2.4.1). */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** Everything before the 32 raw key bytes in PKCS #8 and SubjectPublicKeyInfo of Ed25519 (RFC 8410). */
const ed25519Private = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519Public = Buffer.from('302a300506032b6570032100', 'hex');

/** The public key of a 32-byte private key: 32 bytes for Ed25519, 33 (compressed) for secp256k1. */
export function publicKey(curve: unknown, key: Buffer): Buffer {
  if (choiceOf('curve', curve, curves) === 'secp256k1') return pointOf(key, 'compressed');
  return createPublicKey(ed25519Key(key)).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** 64 bytes of signature. */
export function signData(curve: unknown, key: Buffer, data: Buffer): Buffer {
  if (choiceOf('curve', curve, curves) === 'ed25519') return sign(null, data, ed25519Key(key));
  const point = pointOf(key, 'uncompressed');
  const jwk = { kty: 'EC', crv: 'secp256k1', d: key.toString('base64url'), ...coordinates(point) };
  const signature = sign('sha256', data, {
    key: createPrivateKey({ key: jwk, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  });
  return lowS(signature);
}

/** True when the signature is of this key over this data; of the two forms of an ECDSA signature only the low one counts. */
export function verifyData(curve: unknown, key: Buffer, signature: Buffer, data: Buffer): boolean {
  if (choiceOf('curve', curve, curves) === 'ed25519') {
    if (key.length !== 32) throw new GuestFault('RangeError', `key has ${key.length} bytes instead of 32`);
    const spki = Buffer.concat([ed25519Public, key]);
    return verify(null, data, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
  }
  if (lowS(signature).compare(signature) !== 0) return false;
  const point = expand(key);
  const jwk = { kty: 'EC', crv: 'secp256k1', ...coordinates(point) };
  const publicObject = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', data, { key: publicObject, dsaEncoding: 'ieee-p1363' }, signature);
}

function ed25519Key(key: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([ed25519Private, key]), format: 'der', type: 'pkcs8' });
}

function pointOf(key: Buffer, form: 'compressed' | 'uncompressed'): Buffer {
  const ecdh = createECDH('secp256k1');
  try {
    ecdh.setPrivateKey(key);
  } catch {
    throw new GuestFault('RangeError', 'key is not a private key of secp256k1');
  }
  return ecdh.getPublicKey(null, form);
}

/** A point with both coordinates, from either encoding of SEC 1. */
function expand(key: Buffer): Buffer {
  try {
    return Buffer.from(ECDH.convertKey(key, 'secp256k1', undefined, undefined, 'uncompressed') as Uint8Array);
  } catch {
    throw new GuestFault('RangeError', 'key is not a public key of secp256k1');
  }
}

function coordinates(point: Buffer): { x: string; y: string } {
  return { x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33, 65).toString('base64url') };
}

function lowS(signature: Buffer): Buffer {
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  if (s <= order / 2n) return signature;
  return Buffer.concat([signature.subarray(0, 32), Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')]);
}
