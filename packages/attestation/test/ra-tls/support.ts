import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { bits, der, extension, integer, name, oid, sequence, time } from '../../src/der/der-writer.ts';
import { type CreateRaTlsOptions, createRaTlsCertificate, type RaTlsIdentity } from '../../src/ra-tls/index.ts';
import { testEvidence, testNow } from '../helpers/test-pki.ts';
import { reportBody } from '../helpers/test-quote.ts';

const { collateral, trustAnchors } = testEvidence();

const policy: AppraisalPolicy = { mrEnclave: ['ee'.repeat(32)] };

/** What the tests' enclaves can prove. */
export const demands = { policy, collateral, trustAnchors };

/** The same at the time when everything is good. */
export const good = { ...demands, now: testNow };

/** What a quoting service does. */
export async function quoteFor(reportData: Uint8Array): Promise<Uint8Array> {
  return testEvidence({ quote: { enclave: reportBody({ reportData }) } }).quote;
}

export const validity = { notBefore: testNow - 3600, notAfter: testNow + 86_400 };

/** A certificate of our own making with its key. */
export function testIdentity(options: Partial<CreateRaTlsOptions> = {}): Promise<RaTlsIdentity> {
  return createRaTlsCertificate({ quoteFor, validity, ...options });
}

/** SHA-256, then zeros. */
export function reportDataOf(bytes: Uint8Array | string): Uint8Array {
  const data = new Uint8Array(64);
  data.set(createHash('sha256').update(bytes).digest());
  return data;
}

/** A key pair of any kind that certificates have, with its SubjectPublicKeyInfo. */
export interface AnyKey {
  privateKey: KeyObject;
  spki: Uint8Array;
  spkiPem: string;
}

/** Makes a key pair. */
export function anyKey(kind: 'P-256' | 'P-384' | 'P-521' | 'RSA-2048' | 'RSA-1024' | 'Ed25519'): AnyKey {
  const { privateKey } = createPair(kind);
  const publicKey = createPublicKey(privateKey);
  return {
    privateKey,
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    spkiPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function createPair(kind: Parameters<typeof anyKey>[0]): { privateKey: KeyObject } {
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519');
  if (kind.startsWith('RSA')) return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) });
  return generateKeyPairSync('ec', { namedCurve: kind });
}

/** AlgorithmIdentifiers of signatures, and the hash that each needs. */
const algorithms = {
  'ecdsa-sha256': [sequence(oid('1.2.840.10045.4.3.2')), 'sha256'],
  'ecdsa-sha256-null': [sequence(oid('1.2.840.10045.4.3.2'), der(0x05)), 'sha256'],
  'ecdsa-sha384': [sequence(oid('1.2.840.10045.4.3.3')), 'sha384'],
  'ecdsa-sha512': [sequence(oid('1.2.840.10045.4.3.4')), 'sha512'],
  'ecdsa-sha1': [sequence(oid('1.2.840.10045.4.1')), 'sha1'],
  'rsa-sha256': [sequence(oid('1.2.840.113549.1.1.11'), der(0x05)), 'sha256'],
  'rsa-sha384': [sequence(oid('1.2.840.113549.1.1.12'), der(0x05)), 'sha384'],
  'rsa-sha512': [sequence(oid('1.2.840.113549.1.1.13'), der(0x05)), 'sha512'],
  'rsa-sha1': [sequence(oid('1.2.840.113549.1.1.5'), der(0x05)), 'sha1'],
} as const satisfies Record<string, readonly [Uint8Array, string]>;

/** Everything a test may want to get wrong in a self-signed certificate. */
export interface AnyCertificate {
  key: AnyKey;
  extensions: Uint8Array[];
  algorithm?: keyof typeof algorithms;
  signer?: AnyKey;
  notBefore?: number;
  notAfter?: number;
}

/** Makes a certificate. */
export function anyCertificate(fields: AnyCertificate): Uint8Array {
  const { key, signer = key, algorithm = 'ecdsa-sha256' } = fields;
  const [identifier, hash] = algorithms[algorithm];
  const { notBefore = validity.notBefore, notAfter = validity.notAfter } = fields;
  const tbs = sequence(
    der(0xa0, integer(2)),
    integer(1),
    identifier,
    name('Test'),
    sequence(time(notBefore), time(notAfter)),
    name('Test'),
    key.spki,
    ...(fields.extensions.length > 0 ? [der(0xa3, sequence(...fields.extensions))] : []),
  );
  return sequence(tbs, identifier, bits(new Uint8Array(sign(hash, tbs, signer.privateKey))));
}

/** Claims with the hash of a key by one of the three algorithms. */
export function claimsFor(spki: Uint8Array, hash: 'sha256' | 'sha384' | 'sha512' = 'sha256'): Uint8Array {
  const numbers = { sha256: 1, sha384: 7, sha512: 8 };
  const digest = new Uint8Array(createHash(hash).update(spki).digest());
  return encodeCanonical(new Map([['pubkey-hash', encodeCanonical([numbers[hash], digest])]]));
}

/** The value of a DICE extension under any tag. */
export function tagged(tag: number, item: Uint8Array): Uint8Array {
  return Uint8Array.of(0xd9, tag >> 8, tag & 0xff, ...item);
}

/** An extension with DICE evidence for the key. */
export async function diceExtension(spki: Uint8Array, claims: Uint8Array = claimsFor(spki)): Promise<Uint8Array> {
  const quote = await quoteFor(reportDataOf(claims));
  return extension('2.23.133.5.4.9', false, tagged(60_000, encodeCanonical([quote, claims])));
}

/** A quote behind the header of an Open Enclave report. */
export function openEnclaveReport(quote: Uint8Array, header: { version?: number; type?: number; size?: number } = {}) {
  const { version = 1, type = 2, size = quote.length } = header;
  const bytes = new Uint8Array(16 + quote.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, version, true);
  view.setUint32(4, type, true);
  view.setUint32(8, size, true);
  bytes.set(quote, 16);
  return bytes;
}

/** PKCS #8 of one key's secret beside another's public half, which OpenSSL does not look through. */
export function forgedKeyPair(secret: AnyKey, shown: AnyKey): KeyObject {
  const { d } = secret.privateKey.export({ format: 'jwk' });
  const scalar = new Uint8Array(Buffer.from(String(d), 'base64url'));
  const point = shown.spki.slice(-65);
  const ecPrivateKey = sequence(integer(1), der(0x04, scalar), der(0xa1, bits(point)));
  const algorithm = sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'));
  const pkcs8 = sequence(integer(0), algorithm, der(0x04, ecPrivateKey));
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}
