import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listTree, type TreeEntry } from './tree.ts';

/*
 * An image that is not in clear, in place of Occlum's encrypted SEFS. Every file is a blob named by a MAC of its path;
 * the list of entries is the blob `metadata`. A blob is nonce (12), tag (16) and AES-128-GCM ciphertext, its path the
 * associated data. Sizes of files show, as in SEFS; names and contents do not.
 *
 * The nonce is a MAC of path and content, so the same image under the same key gives the same bytes, and with them the
 * same MRENCLAVE; no nonce serves two contents.
 */
const listName = 'metadata';

/** Encrypts the tree `from` into the folder `to`, which does not exist yet. @param key 16 bytes */
export function encryptTree(from: string, to: string, key: Uint8Array): void {
  const keys = deriveKeys(key);
  mkdirSync(to, { recursive: true });
  const entries = listTree(from);
  for (const { type, path } of entries) {
    if (type === 'file') writeFileSync(join(to, blobName(keys, path)), seal(keys, path, readFileSync(from + path)));
  }
  writeFileSync(join(to, listName), seal(keys, '', Buffer.from(JSON.stringify(entries))));
}

/** Whether a folder holds an encrypted image and no clear one. */
export function isEncryptedTree(folder: string): boolean {
  return existsSync(join(folder, listName));
}

/**
 * Decrypts an image into the folder `to`, which does not exist yet.
 * @returns false when the key is wrong or a blob was changed; what was written by then is for the caller to remove
 */
export function decryptTree(from: string, to: string, key: Uint8Array): boolean {
  const keys = deriveKeys(key);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  try {
    const entries: TreeEntry[] = JSON.parse(open(keys, '', readFileSync(join(from, listName))).toString());
    for (const { type, path, target } of entries) {
      if (type === 'folder') mkdirSync(to + path, { mode: 0o700 });
      else if (type === 'link') symlinkSync(target, to + path);
      else writeFileSync(to + path, open(keys, path, readFileSync(join(from, blobName(keys, path)))));
    }
    // Last and children first: a folder without write permission could not be filled.
    for (const { type, path, mode } of entries.reverse()) if (type !== 'link') chmodSync(to + path, mode);
    return true;
  } catch {
    return false;
  }
}

interface ImageKeys {
  content: Uint8Array;
  nonce: Uint8Array;
  name: Uint8Array;
}

function deriveKeys(key: Uint8Array): ImageKeys {
  const derive = (label: string, length: number) =>
    new Uint8Array(hkdfSync('sha256', key, '', `occlum-sim encrypted image, ${label}`, length));
  return { content: derive('content', 16), nonce: derive('nonce', 32), name: derive('name', 32) };
}

function blobName({ name }: ImageKeys, path: string): string {
  return createHmac('sha256', name).update(path).digest('hex').slice(0, 40);
}

function seal({ content, nonce: nonceKey }: ImageKeys, path: string, plain: Uint8Array): Buffer {
  const nonce = createHmac('sha256', nonceKey).update(`${path}\0`).update(plain).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-128-gcm', content, nonce).setAAD(Buffer.from(path));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function open({ content }: ImageKeys, path: string, blob: Buffer): Buffer {
  const decipher = createDecipheriv('aes-128-gcm', content, blob.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(path)).setAuthTag(blob.subarray(12, 28));
  return Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
}
