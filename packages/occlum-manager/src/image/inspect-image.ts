import { join } from 'node:path';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { hashFile } from '../files/hash-file.ts';
import type { ElfFile } from './elf.ts';
import { readElf } from './read-elf.ts';
import { type ImageEntry, walkImage } from './walk-image.ts';

/** One name in an image, with what is behind it. */
export interface InspectedEntry extends ImageEntry {
  /** SHA-256 of a file, lower-case hex; null for folders and links. */
  readonly sha256: string | null;
  /** How the loader sees the file; null when it is no ELF file, `broken` when it begins like one and is not. */
  readonly elf: Pick<ElfFile, 'type' | 'interpreter' | 'needed' | 'soname'> | 'broken' | null;
}

/** What is in an image. */
export interface ImageInventory {
  /** By name, a folder before what is in it; the root itself left out. */
  readonly entries: readonly InspectedEntry[];
  readonly files: number;
  /** Bytes of all files together; the encrypted file system of a build takes somewhat more. */
  readonly bytes: number;
}

/**
 * Lists an image folder with sizes, hashes and what decides how its programs are loaded. Says what is there, not
 * whether it is right: that is the matter of checkImage().
 *
 * @throws TeeError ERR_OCCLUM_IMAGE for anything but files, folders and links
 */
export async function inspectImage(root: string): Promise<ImageInventory> {
  const entries: InspectedEntry[] = [];
  for (const entry of await walkImage(root)) {
    const file = join(root, entry.path);
    entries.push(
      entry.type === 'file'
        ? { ...entry, sha256: await hashFile(file), elf: elfOf(file) }
        : { ...entry, sha256: null, elf: null },
    );
  }
  const files = entries.filter(({ type }) => type === 'file');
  return { entries, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function elfOf(file: string): InspectedEntry['elf'] {
  try {
    const elf = readElf(file);
    if (elf === null) return null;
    const { type, interpreter, needed, soname } = elf;
    return { type, interpreter, needed, soname };
  } catch (error) {
    if (isTeeError(error) && error.code === 'ERR_OCCLUM_ELF') return 'broken';
    throw error;
  }
}
