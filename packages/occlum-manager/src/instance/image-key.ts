import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { TeeError } from '@neo-service-layer/tee-interface';

const form = /^([0-9a-f]{2}-){15}[0-9a-f]{2}\n?$/;

/**
 * Makes a key for an encrypted image in the form of `occlum gen-image-key`: 16 bytes, `xx-xx-…`. Not by that tool,
 * which leaves it readable to everybody and breaks on paths with spaces (occlum-contract §1.3, §9.8): mode 0600, whole
 * or not at all; an existing key is kept.
 *
 * @param rng source of randomness: bytes for a length
 * @throws TeeError ERR_INVALID_ARGUMENT when the file is there and is no such key
 */
export async function generateImageKey(
  file: string,
  rng: (length: number) => Uint8Array = (length) => randomBytes(length),
): Promise<void> {
  const key = [...rng(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('-');
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${key}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  await checkImageKey(file);
}

/** @throws TeeError ERR_INVALID_ARGUMENT when the file holds no image key; the message does not quote it */
export async function checkImageKey(file: string): Promise<void> {
  await readImageKey(file);
}

/**
 * SHA-256 over an image key, to know later whether a key is the one that was used. Says nothing about the key, which
 * has 128 random bits.
 *
 * @throws TeeError ERR_INVALID_ARGUMENT
 */
export async function imageKeyHash(file: string): Promise<string> {
  return createHash('sha256')
    .update(`occlum image key ${await readImageKey(file)}`)
    .digest('hex');
}

async function readImageKey(file: string): Promise<string> {
  const text = await readFile(file, 'latin1').catch(() => '');
  if (form.test(text)) return text.trim();
  throw new TeeError('ERR_INVALID_ARGUMENT', `${file} is not an image key`, {
    expected: '16 bytes in hex, joined by hyphens',
    hint: 'Make one with generateImageKey().',
  });
}
