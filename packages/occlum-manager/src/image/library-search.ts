import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ElfFile } from './elf.ts';
import { resolveInImage } from './image-path.ts';
import { readElf } from './read-elf.ts';

/** A library that was found: where its name is on the loader's search path, and what it is. */
export interface FoundLibrary {
  readonly path: string;
  readonly elf: ElfFile;
}

/** Directories that loaders have built in; each loader has some of them. */
const systemDirectories = [
  ...['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64'],
  ...['/lib', '/usr/lib', '/usr/local/lib', '/opt/occlum/glibc/lib'],
];

/**
 * The directories that a program interpreter searches by itself. Read out of its bytes, where it has them as strings:
 * they differ between distributions (Debian's glibc, Fedora's, Occlum's, musl).
 */
export function loaderDirectories(interpreter: string): string[] {
  const bytes = readFileSync(interpreter);
  const glibc = systemDirectories.filter((folder) => bytes.includes(`\0${folder}/\0`, 0, 'latin1'));
  // musl has one string, "/lib:/usr/local/lib:/usr/lib".
  return glibc.length > 0 ? glibc : ['/lib', '/usr/local/lib', '/usr/lib'];
}

/**
 * The directories of /etc/ld.so.conf, in order, with its `include` lines followed (ldconfig(8)); empty without one.
 *
 * @param file default /etc/ld.so.conf
 */
export function configuredDirectories(file = '/etc/ld.so.conf', depth = 0): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((raw) => {
    const line = raw.replace(/#.*/, '').trim();
    const include = /^include\s+(.+)$/.exec(line)?.[1];
    if (include === undefined) return line.startsWith('/') ? [line.replace(/\/+$/, '')] : [];
    return depth < 5
      ? expand(resolve(dirname(file), include)).flatMap((one) => configuredDirectories(one, depth + 1))
      : [];
  });
}

/**
 * Finds a library as ld.so does (ld.so(8)): the object's DT_RPATH unless it has a DT_RUNPATH, DT_RUNPATH, then
 * `directories`. A file of another machine is passed over.
 *
 * @param name DT_NEEDED entry; one with a slash is a path
 * @param object path and headers of the file that needs it, for $ORIGIN
 * @param root prefix of every path looked at: "" for the host, the image folder for an image
 */
export function findLibrary(
  name: string,
  object: { path: string; elf: ElfFile },
  directories: readonly string[],
  root: string,
): FoundLibrary | null {
  const { elf } = object;
  const own = elf.runpath.length > 0 ? elf.runpath : elf.rpath;
  const origin = dirname(object.path);
  const candidates = name.includes('/')
    ? [resolve(origin, name)]
    : [...own.map((entry) => entry.replace(/\$(ORIGIN|\{ORIGIN\})/g, origin)), ...directories]
        // A relative entry depends on the current folder of whoever starts the program.
        .filter((folder) => folder.startsWith('/'))
        .map((folder) => resolve(folder, name));
  for (const path of candidates) {
    const found = libraryAt(resolveInImage(root, path));
    if (found?.machine === elf.machine) return { path, elf: found };
  }
  return null;
}

function libraryAt(file: string | null): ElfFile | null {
  try {
    return file !== null && statSync(file).isFile() ? readElf(file) : null;
  } catch {
    return null;
  }
}

/** Expands the pattern in the last part of a path, the only place where ld.so.conf has one. */
function expand(pattern: string): string[] {
  const name = pattern.slice(pattern.lastIndexOf('/') + 1);
  if (!name.includes('*')) return [pattern];
  const test = new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')}$`);
  try {
    return readdirSync(dirname(pattern))
      .filter((entry) => test.test(entry))
      .sort()
      .map((entry) => join(dirname(pattern), entry));
  } catch {
    return [];
  }
}
