/** Keyrings, their files, and what goes with them, read as docs/tee-seal.md says. */
import { createPublicKey, verify } from 'node:crypto';
import { decrypt, hkdf, hmac, readBlob } from './blob-reader.ts';
import { arrayOf, bytesOf, encodeArray, numberOf } from './cbor.ts';

export interface ReadKeyring {
  id: Buffer;
  root: Buffer;
  /** Keys by the number of their generation. */
  generations: Map<number, Buffer>;
}

export function readKeyring(content: Buffer): ReadKeyring {
  const [label, id, , , , root, rows] = arrayOf(content);
  if (label !== 'tee-seal/1 keyring' || !Array.isArray(rows)) throw new Error('no keyring');
  const generations = new Map<number, Buffer>();
  for (const row of rows) {
    if (!Array.isArray(row)) throw new Error('no generation');
    if (row[3] !== null) generations.set(numberOf(row[0]), bytesOf(row[3]));
  }
  return { id: bytesOf(id), root: bytesOf(root), generations };
}

export function purposeKey({ root, id }: ReadKeyring, purpose: string): Buffer {
  return hkdf(root, id, Buffer.from(`tee-seal/1 ${purpose}`), 32);
}

/** Opens a blob of the keyring with the generation that its key id names. */
export function openWithKeyring(blob: Buffer, keyring: ReadKeyring, aad?: Uint8Array) {
  const { header, open } = readBlob(blob);
  const kid = bytesOf(header.get(4));
  if (!kid.subarray(0, 16).equals(keyring.id)) throw new Error('another keyring');
  const secret = keyring.generations.get(kid.readUInt32BE(16));
  if (!secret) throw new Error('no such generation');
  return { header, plaintext: open(secret, aad) };
}

/** Opens a saved keyring with what EGETKEY gave for its two requests. */
export function openKeyringFile(file: Buffer, egetkey: [Buffer, Buffer]): { previous: Buffer; content: Buffer } {
  const previous = file.subarray(0, 32);
  const { header, open } = readBlob(file.subarray(32));
  const request = header.get(-70011);
  if (!Array.isArray(request)) throw new Error('no key request');
  const [keyId, cpuSvn, isvSvn, configSvn] = request;
  const policy = header.get(-70010) === 1 ? 'enclave' : 'signer';
  const svns = [bytesOf(keyId), bytesOf(cpuSvn), numberOf(isvSvn), numberOf(configSvn)] as const;
  const info = encodeArray('tee-seal/1 kek', policy, ...svns);
  const okm = hkdf(Buffer.concat(egetkey), new Uint8Array(32), info, 48);
  if (!okm.subarray(32).equals(bytesOf(header.get(-70009)))) throw new Error('the key check differs');
  if (header.get(-70004) !== 'tee-seal/1 keyring') throw new Error('another name');
  const aad = previous.equals(Buffer.alloc(32)) ? new Uint8Array() : previous;
  return { previous, content: open(okm.subarray(0, 32), aad) };
}

export function isSigned(publicKey: Uint8Array, content: Uint8Array, signature: Uint8Array): boolean {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' });
  return verify(null, content, key, signature);
}

/** Epoch and chain of a receipt that the keyring wrote for a namespace. */
export function readReceipt(receipt: Buffer, keyring: ReadKeyring, prefix: string): { epoch: number; chain: Buffer } {
  const [content, mac] = arrayOf(receipt).map(bytesOf);
  if (!content || !mac?.equals(hmac(purposeKey(keyring, 'store receipts'), content))) throw new Error('not ours');
  const [label, namespace, epoch, chain] = arrayOf(content);
  if (label !== 'tee-seal/1 receipt' || namespace !== prefix) throw new Error('another namespace');
  return { epoch: numberOf(epoch), chain: bytesOf(chain) };
}

/** The keyring in a recovery document, from opened shares. */
export function recover(document: Buffer, shares: readonly { x: number; bytes: Buffer }[]): Buffer {
  const [header, sealed] = arrayOf(document).map(bytesOf);
  if (!header || !sealed) throw new Error('no recovery document');
  const [label, keyringId] = arrayOf(header);
  if (label !== 'tee-seal/1 recovery') throw new Error('another document');
  const secret = Buffer.alloc(32);
  for (const { x, bytes } of shares) {
    let weight = 1;
    for (const { x: other } of shares) if (other !== x) weight = times(weight, times(other, inverse(other ^ x)));
    for (let at = 0; at < 32; at += 1) secret[at] = (secret[at] ?? 0) ^ times(weight, bytes[at] ?? 0);
  }
  const key = hkdf(secret, bytesOf(keyringId), Buffer.from('tee-seal/1 recovery'), 32);
  return decrypt(3, key, new Uint8Array(12), header, sealed);
}

/** A product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
function times(a: number, b: number): number {
  if (b === 0) return 0;
  const doubled = a & 0x80 ? ((a << 1) ^ 0x11b) & 0xff : a << 1;
  return (b & 1 ? a : 0) ^ times(doubled, b >> 1);
}

function inverse(a: number): number {
  for (let b = 1; b < 256; b += 1) if (times(a, b) === 1) return b;
  throw new Error('zero has no inverse');
}
