import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, KeyObject } from 'node:crypto';
import { type KEM, type KEMFactory, type Key, type KeyPair, LabeledExpand, LabeledExtract } from 'hpke';
import { concatBytes } from '../../bytes.ts';
import { hkdfSha256 } from './hkdf.ts';

/** PKCS #8 and SubjectPublicKeyInfo of an X25519 key up to its 32 bytes (RFC 8410 §4, §7). */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');

const label = (text: string) => new TextEncoder().encode(text);
const name = 'X25519';
const keyLength = 32;
const kdf = hkdfSha256();
const suiteId = concatBytes(label('KEM'), Uint8Array.of(0x00, 0x20));

/** The 32 bytes of a Curve25519 public key (X25519 or Ed25519). */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const spki = key.export({ type: 'spki', format: 'der' });
  return new Uint8Array(spki.subarray(spki.length - keyLength));
}

/** A key of OpenSSL's in the shape that `hpke` hands around. */
class X25519Key implements Key {
  readonly algorithm = { name };
  readonly extractable: boolean;
  readonly type: 'private' | 'public';
  readonly key: KeyObject;

  constructor(key: KeyObject, extractable: boolean) {
    this.key = key;
    this.extractable = extractable;
    this.type = key.type === 'private' ? 'private' : 'public';
  }
}

function unwrap(key: Key): KeyObject {
  if (key instanceof X25519Key && key.key instanceof KeyObject) return key.key;
  throw new TypeError('The key is of another implementation.');
}

function pairOf(privateKey: KeyObject, publicKey: KeyObject, extractable: boolean): KeyPair<X25519Key> {
  return { publicKey: new X25519Key(publicKey, true), privateKey: new X25519Key(privateKey, extractable) };
}

function importPrivate(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, raw]), format: 'der', type: 'pkcs8' });
}

function importPublic(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: 'der', type: 'spki' });
}

/** RFC 9180 §4.1. diffieHellman rejects the all-zero result of a low-order point, as RFC 9180 §7.1.4 demands. */
async function sharedSecret(privateKey: KeyObject, publicKey: KeyObject, context: Uint8Array): Promise<Uint8Array> {
  const dh = diffieHellman({ privateKey, publicKey });
  const key = await LabeledExtract(kdf, suiteId, new Uint8Array(), label('eae_prk'), dh);
  return LabeledExpand(kdf, suiteId, key, label('shared_secret'), context, keyLength);
}

const kem: KEM<X25519Key> = {
  id: 0x0020,
  type: 'KEM',
  name: 'DHKEM(X25519, HKDF-SHA256)',
  Nsecret: keyLength,
  Nenc: keyLength,
  Npk: keyLength,
  Nsk: keyLength,

  // RFC 9180 §7.1.3
  async DeriveKeyPair(keyMaterial, extractable) {
    const key = await LabeledExtract(kdf, suiteId, new Uint8Array(), label('dkp_prk'), keyMaterial);
    const raw = await LabeledExpand(kdf, suiteId, key, label('sk'), new Uint8Array(), keyLength);
    const privateKey = importPrivate(raw);
    return pairOf(privateKey, createPublicKey(privateKey), extractable);
  },

  async GenerateKeyPair(extractable) {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    return pairOf(privateKey, publicKey, extractable);
  },

  SerializePublicKey: async (key) => rawPublicKey(unwrap(key)),

  DeserializePublicKey: async (raw) => new X25519Key(importPublic(raw), true),

  async SerializePrivateKey(key) {
    const pkcs8 = unwrap(key).export({ type: 'pkcs8', format: 'der' });
    return new Uint8Array(pkcs8.subarray(pkcs8.length - keyLength));
  },

  DeserializePrivateKey: async (raw, extractable) => new X25519Key(importPrivate(raw), extractable),

  async Encap(recipient) {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const enc = rawPublicKey(publicKey);
    const context = concatBytes(enc, rawPublicKey(unwrap(recipient)));
    return { shared_secret: await sharedSecret(privateKey, unwrap(recipient), context), enc };
  },

  async Decap(enc, recipient, recipientPublic) {
    const privateKey = unwrap(recipient);
    const publicKey = recipientPublic === undefined ? createPublicKey(privateKey) : unwrap(recipientPublic);
    return sharedSecret(privateKey, importPublic(enc), concatBytes(enc, rawPublicKey(publicKey)));
  },
};

/** DHKEM(X25519, HKDF-SHA256) of RFC 9180 for the plug-in interface of `hpke`, over OpenSSL. */
export const dhkemX25519: KEMFactory<X25519Key> = () => kem;
