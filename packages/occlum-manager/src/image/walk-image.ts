import { createHash } from 'node:crypto';
import { lstat, lutimes, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** One name in an image. */
export interface ImageEntry {
  /** Path in the image, "/" first. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of a file, else 0. */
  readonly size: number;
  /** Target of a link, else null. */
  readonly target: string | null;
}

/** The time every file of a normalised image has: fixed, because the image's file system records it. */
export const imageTime = new Date('2000-01-01T00:00:00Z');

/**
 * Everything in an image folder, by name, a folder before what is in it; the folder itself is not listed.
 *
 * @throws TeeError ERR_OCCLUM_IMAGE for anything but files, folders and links
 */
export async function walkImage(root: string): Promise<ImageEntry[]> {
  const entries: ImageEntry[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const name of (await readdir(join(root, folder))).sort()) {
      const path = `${folder}/${name}`;
      const found = await lstat(join(root, path));
      const type = found.isFile()
        ? 'file'
        : found.isDirectory()
          ? 'folder'
          : found.isSymbolicLink()
            ? 'link'
            : undefined;
      if (type === undefined) {
        throw new TeeError('ERR_OCCLUM_IMAGE', `${path} in the image is a device, pipe or socket`);
      }
      entries.push({
        path,
        type,
        mode: found.mode & 0o7777,
        size: type === 'file' ? found.size : 0,
        target: type === 'link' ? await readlink(join(root, path)) : null,
      });
      if (type === 'folder') await walk(path);
    }
  };
  await walk('');
  return entries;
}

/** SHA-256 over names, types and link targets of an image, not over contents. */
export function layoutHash(entries: readonly ImageEntry[]): string {
  const list = entries.map(({ path, type, target }) => [path, type, target]);
  return createHash('sha256').update(JSON.stringify(list)).digest('hex');
}

/** Gives every name in an image the same time, so that the same content makes the same measured file system. */
export async function normaliseTimes(root: string): Promise<void> {
  for (const { path } of (await walkImage(root)).reverse()) await lutimes(join(root, path), imageTime, imageTime);
  await lutimes(root, imageTime, imageTime);
}
