import { Buffer } from 'node:buffer';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bits, integer, oid, sequence } from './der-writer.ts';

/** A P-256 key pair of the test PKI. */
export interface TestKey {
  privateKey: KeyObject;
  /** 64 bytes: x and y. */
  point: Uint8Array;
  spki: Uint8Array;
}

/** Makes a key pair. */
export function testKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = new Uint8Array(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
  const uncompressed = new Uint8Array(Buffer.concat([Uint8Array.of(4), point]));
  const spki = sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')), bits(uncompressed));
  return { privateKey, point, spki };
}

/** An ECDSA signature as the 64 bytes r and s. */
export function rawSignature(key: TestKey, data: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }));
}

/** An ECDSA signature as it stands in certificates. */
export function derSignature(key: TestKey, data: Uint8Array): Uint8Array {
  const raw = rawSignature(key, data);
  return sequence(integer(raw.slice(0, 32)), integer(raw.slice(32)));
}
