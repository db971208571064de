import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ByteSource, type ElfFile, isElf, parseElf } from './elf.ts';

/**
 * Reads what decides how a file is loaded, without reading all of it; null when it is no ELF file at all.
 *
 * @throws TeeError ERR_OCCLUM_ELF when it begins like one and is broken
 */
export function readElf(file: string): ElfFile | null {
  const descriptor = openSync(file, 'r');
  try {
    const source = fileSource(descriptor);
    return isElf(source.read(0, 4)) ? parseElf(source) : null;
  } finally {
    closeSync(descriptor);
  }
}

function fileSource(descriptor: number): ByteSource {
  return {
    size: fstatSync(descriptor).size,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
  };
}
