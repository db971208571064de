import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type KEM, type KEMFactory, type Key, type KeyPair, LabeledExpand, LabeledExtract } from 'hpke';
import { concatBytes } from '../../bytes.ts';
import { hkdfSha256 } from './hkdf.ts';
import { publicKeyOf, rawPublicKey } from './raw-keys.ts';

/** PKCS #8 of an X25519 key up to its 32 bytes (RFC 8410 §7). */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

const label = (text: string) => new TextEncoder().encode(text);
const name = 'X25519';
const keyLength = 32;
const kdf = hkdfSha256();
const suiteId = concatBytes(label('KEM'), Uint8Array.of(0x00, 0x20));

/** A key of OpenSSL's in the shape that `hpke` hands around. */
class X25519Key implements Key {
  readonly algorithm = { name };
  readonly extractable: boolean;
  readonly type: 'private' | 'public';
  readonly key: KeyObject;
  /** The 32 bytes of the public key, of a private one those that belong to it. */
  readonly raw: Uint8Array;

  constructor(key: KeyObject, raw: Uint8Array, extractable: boolean) {
    this.key = key;
    this.raw = raw;
    this.extractable = extractable;
    this.type = key.type === 'private' ? 'private' : 'public';
  }
}

function pairOf(privateKey: KeyObject, publicKey: KeyObject, extractable: boolean): KeyPair<X25519Key> {
  const raw = rawPublicKey(publicKey);
  return { publicKey: new X25519Key(publicKey, raw, true), privateKey: new X25519Key(privateKey, raw, extractable) };
}

function importPrivate(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, raw]), format: 'der', type: 'pkcs8' });
}

function importPublic(raw: Uint8Array): X25519Key {
  return new X25519Key(publicKeyOf(name, raw), raw.slice(), true);
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

  SerializePublicKey: async (key) => key.raw.slice(),

  DeserializePublicKey: async (raw) => importPublic(raw),

  async SerializePrivateKey({ key }) {
    const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
    return new Uint8Array(pkcs8.subarray(pkcs8.length - keyLength));
  },

  async DeserializePrivateKey(raw, extractable) {
    const key = importPrivate(raw);
    return new X25519Key(key, rawPublicKey(createPublicKey(key)), extractable);
  },

  async Encap(recipient) {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const enc = rawPublicKey(publicKey);
    const context = concatBytes(enc, recipient.raw);
    return { shared_secret: await sharedSecret(privateKey, recipient.key, context), enc };
  },

  Decap: (enc, recipient) => sharedSecret(recipient.key, importPublic(enc).key, concatBytes(enc, recipient.raw)),
};

/** DHKEM(X25519, HKDF-SHA256) of RFC 9180 for the plug-in interface of `hpke`, over OpenSSL. */
export const dhkemX25519: KEMFactory<X25519Key> = () => kem;
