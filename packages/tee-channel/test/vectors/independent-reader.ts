/**
 * A reader of tee-channel/1 written from docs/tee-channel.md: node:crypto, and nothing of this package's sources.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  verify,
} from 'node:crypto';

export type Cbor = number | string | boolean | Buffer | Cbor[];

/** Deterministic CBOR of the kinds that the protocol uses. */
export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)]);
}

function head(major: number, value: number): Buffer {
  const type = major << 5;
  if (value < 24) return Buffer.of(type | value);
  if (value < 256) return Buffer.of(type | 24, value);
  const long = Buffer.alloc(value < 65_536 ? 3 : 5);
  long[0] = type | (value < 65_536 ? 25 : 26);
  if (value < 65_536) long.writeUInt16BE(value, 1);
  else long.writeUInt32BE(value, 1);
  return long;
}

/** Decodes, and demands that encoding gives the same bytes again. */
export function decodeCbor(bytes: Buffer): Cbor {
  const [value, rest] = decodeOne(bytes);
  if (rest.length > 0 || !encodeCbor(value).equals(bytes)) throw new Error('not deterministic CBOR');
  return value;
}

function decodeOne(bytes: Buffer): [Cbor, Buffer] {
  const [first = 0xff] = bytes;
  if (first === 0xf4 || first === 0xf5) return [first === 0xf5, bytes.subarray(1)];
  const extra = { 24: 1, 25: 2, 26: 4 }[first & 31] ?? 0;
  const count = extra === 0 ? first & 31 : bytes.readUIntBE(1, extra);
  const rest = bytes.subarray(1 + extra);
  switch (first >> 5) {
    case 0:
      return [count, rest];
    case 2:
      return [rest.subarray(0, count), rest.subarray(count)];
    case 3:
      return [rest.subarray(0, count).toString(), rest.subarray(count)];
    case 4: {
      const items: Cbor[] = [];
      let left = rest;
      for (let i = 0; i < count; i += 1) {
        const [item, after] = decodeOne(left);
        items.push(item);
        left = after;
      }
      return [items, left];
    }
    default:
      throw new Error('a kind that the protocol does not use');
  }
}

export const sha = (name: 'sha256' | 'sha512', bytes: Buffer): Buffer => createHash(name).update(bytes).digest();
const hmac = (key: Buffer, ...parts: Buffer[]) =>
  parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();

function expand(key: Buffer, info: Buffer, length: number): Buffer {
  let [output, block] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let i = 1; output.length < length; i += 1) {
    block = hmac(key, block, info, Buffer.of(i));
    output = Buffer.concat([output, block]);
  }
  return output.subarray(0, length);
}

const text = (value: string) => Buffer.from(value, 'latin1');
const labeledExtract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer) =>
  hmac(salt.length === 0 ? Buffer.alloc(32) : salt, text('HPKE-v1'), suite, text(label), ikm);
const labeledExpand = (suite: Buffer, key: Buffer, label: string, info: Buffer, length: number) =>
  expand(key, Buffer.concat([Buffer.of(length >> 8, length & 255), text('HPKE-v1'), suite, text(label), info]), length);

const x25519 = (raw: Buffer) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw]),
    format: 'der',
    type: 'pkcs8',
  });
const publicOf = (prefix: string, raw: Buffer) =>
  createPublicKey({ key: Buffer.concat([Buffer.from(prefix, 'hex'), raw]), format: 'der', type: 'spki' });

/** RFC 9180: what the holder of `own` and the public key `other` export, where enc and pkR are the two public keys. */
export function hpkeExport(input: {
  own: Buffer;
  other: Buffer;
  enc: Buffer;
  recipient: Buffer;
  info: Buffer;
  psk: { secret: Buffer; id: Buffer } | null;
}): Buffer {
  const { own, other, enc, recipient, info, psk } = input;
  const kem = Buffer.concat([text('KEM'), Buffer.of(0, 0x20)]);
  const dh = diffieHellman({ privateKey: x25519(own), publicKey: publicOf('302a300506032b656e032100', other) });
  const eae = labeledExtract(kem, Buffer.alloc(0), 'eae_prk', dh);
  const shared = labeledExpand(kem, eae, 'shared_secret', Buffer.concat([enc, recipient]), 32);
  const suite = Buffer.concat([text('HPKE'), Buffer.of(0, 0x20, 0, 1, 0xff, 0xff)]);
  const pskId = labeledExtract(suite, Buffer.alloc(0), 'psk_id_hash', psk?.id ?? Buffer.alloc(0));
  const infoHash = labeledExtract(suite, Buffer.alloc(0), 'info_hash', info);
  const context = Buffer.concat([Buffer.of(psk === null ? 0 : 1), pskId, infoHash]);
  const secret = labeledExtract(suite, shared, 'secret', psk?.secret ?? Buffer.alloc(0));
  const exporter = labeledExpand(suite, secret, 'exp', context, 32);
  return labeledExpand(suite, exporter, 'sec', text('tee-channel/1 keys'), 108);
}

/** Ed25519. */
export function isSignedBy(key: Buffer, bytes: Buffer, signature: Buffer): boolean {
  return verify(null, bytes, publicOf('302a300506032b6570032100', key), signature);
}

/** The frame in a sealed request. */
export function openRequest(x: Buffer, sessionId: Buffer, sequence: number, sealed: Buffer): Buffer {
  const nonce = Buffer.from(x.subarray(32, 44));
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  return unpad(decrypt(x.subarray(0, 32), nonce, encodeCbor(['tee-channel/1 request', sessionId, sequence]), sealed));
}

/** The frame in a sealed response. */
export function openResponse(x: Buffer, enc: Buffer, sessionId: Buffer, sequence: number, response: Buffer[]): Buffer {
  const [nonce = Buffer.alloc(0), sealed = Buffer.alloc(0)] = response;
  const context = encodeCbor(['tee-channel/1 response', sessionId, sequence]);
  const key = Buffer.from(hkdfSync('sha256', x.subarray(44, 76), Buffer.concat([enc, nonce]), context, 44));
  return unpad(decrypt(key.subarray(0, 32), key.subarray(32), context, sealed));
}

/** What a user signs in with in this session. */
export function sessionBinding(x: Buffer, sessionId: Buffer): Buffer {
  const info = encodeCbor(['tee-channel/1 binding', sessionId]);
  return Buffer.from(hkdfSync('sha256', x.subarray(76, 108), Buffer.alloc(0), info, 32));
}

/** The secret that goes with the ticket asked for under a sequence number. */
export function resumptionSecret(x: Buffer, sessionId: Buffer, sequence: number): Buffer {
  const info = encodeCbor(['tee-channel/1 resumption', sessionId, sequence]);
  return Buffer.from(hkdfSync('sha256', x.subarray(76, 108), Buffer.alloc(0), info, 32));
}

function decrypt(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(aad).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

function unpad(padded: Buffer): Buffer {
  const length = padded.readUInt32BE(0);
  const needed = length + 4;
  const size = needed > 65_536 ? Math.ceil(needed / 65_536) * 65_536 : Math.max(256, 2 ** Math.ceil(Math.log2(needed)));
  if (padded.length !== size || padded.subarray(needed).some((byte) => byte !== 0)) throw new Error('wrong padding');
  return padded.subarray(4, needed);
}
