import { closeSync, openSync, readSync } from 'node:fs';

/** What the LibOS would not load about a file, and its words for it; null for a file it would start. */
export type FormatFault = { name: 'ENOEXEC' | 'ENOENT' | 'EACCES'; reason: string } | null;

/** Why a program below a hostfs mount is not started; these words are occlum-sim's. */
export const hostRefusal = 'execution from hostfs is refused';

const unknownFormat: FormatFault = { name: 'ENOEXEC', reason: 'unknown executable file format' };
const ET_DYN = 3;
const PT_INTERP = 3;

/**
 * Checks a program as Occlum's loader does (occlum-contract §5): position-independent ELF with an interpreter that is
 * in the image; or a script whose first line is `#!`, one absolute path and nothing else, of at most 127 bytes, with
 * such a program as interpreter. Nothing below a hostfs mount is executed.
 *
 * @param file host path of the program
 * @param inHostMount whether a path in the image lies below a hostfs mount
 * @param find the host path of a file in the image, or null
 */
export function strictFormatFault(
  file: string,
  inHostMount: (path: string) => boolean,
  find: (path: string) => string | null,
): FormatFault {
  const head = readHead(file);
  if (head.subarray(0, 2).toString('latin1') !== '#!') return elfFault(head, find);
  const line = head.subarray(2, 128).toString('latin1').split('\n', 1)[0] ?? '';
  const interpreter = line.trim();
  if (!head.subarray(0, 128).includes('\n') || !/^\/[^\s]*$/.test(interpreter)) return unknownFormat;
  if (inHostMount(interpreter)) return { name: 'EACCES', reason: hostRefusal };
  const interpreterFile = find(interpreter);
  return interpreterFile === null
    ? { name: 'ENOENT', reason: 'EntryNotFound' }
    : elfFault(readHead(interpreterFile), find);
}

function elfFault(head: Buffer, find: (path: string) => string | null): FormatFault {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f45_4c46 || head[4] !== 2) return unknownFormat;
  if (head.readUInt16LE(16) !== ET_DYN) return unknownFormat;
  const start = Number(head.readBigUInt64LE(32));
  const [size, count] = [head.readUInt16LE(54), head.readUInt16LE(56)];
  if (size < 56 || start + size * count > head.length) return unknownFormat;
  for (let index = 0; index < count; index += 1) {
    const entry = head.subarray(start + index * size, start + (index + 1) * size);
    if (entry.readUInt32LE(0) !== PT_INTERP) continue;
    const from = Number(entry.readBigUInt64LE(8));
    const path = head
      .subarray(from, from + Number(entry.readBigUInt64LE(32)))
      .toString('latin1')
      .replace(/\0+$/, '');
    return find(path) === null ? { name: 'ENOENT', reason: 'EntryNotFound' } : null;
  }
  return { name: 'ENOEXEC', reason: 'cannot find the interpreter segment' };
}

/** The first 64 KiB: program headers and the interpreter's name lie there in everything that a linker makes. */
function readHead(path: string): Buffer {
  const buffer = Buffer.alloc(65_536);
  const file = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}
