import { basename, dirname, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { resolveInImage } from './image-path.ts';
import { configuredDirectories, findLibrary, loaderDirectories } from './library-search.ts';
import { readElf } from './read-elf.ts';

/** Everything that must be in an image for a program to be loaded. */
export interface LibraryClosure {
  /** PT_INTERP of the program, null for a static one. */
  readonly interpreter: string | null;
  /** Paths on the searched root, sorted; the interpreter is among them when something needs it by name. */
  readonly libraries: readonly string[];
  /** Names that were not found, each with the file that needs it. */
  readonly missing: readonly { readonly name: string; readonly neededBy: string }[];
}

/** Where {@link libraryClosure} looks. */
export interface ClosureOptions {
  /** Prefix of all paths: the image folder, or "" (default) for the host itself. */
  root?: string;
  /** Further directories, searched last; by default those of /etc/ld.so.conf on the host, none in an image. */
  directories?: readonly string[];
  /**
   * Loader of the host that will take the interpreter's place: its own folder is searched first. Genuine Occlum has one
   * with a C library that calls the LibOS, see OcclumManager.programLoader.
   */
  loader?: string | undefined;
  /** Interpreter to assume for a library, which names none (a Node addon). */
  interpreter?: string;
}

/**
 * The shared libraries that an ELF program needs, with those that they need, found as the loader would. `copy_bom`
 * and its `ldd` say nothing when one is missing (occlum-contract §3), so this reads the files themselves and names it.
 *
 * Does not see what a program loads later with dlopen (name service modules, addons).
 *
 * @param program path on the searched root
 * @throws TeeError ERR_OCCLUM_ELF when the program is no ELF file
 */
export function libraryClosure(program: string, options: ClosureOptions = {}): LibraryClosure {
  const root = options.root ?? '';
  const start = readElf(resolveInImage(root, program) ?? join(root, program));
  if (start === null) throw new TeeError('ERR_OCCLUM_ELF', `${program} is not an ELF file`);
  const interpreter = start.interpreter ?? options.interpreter ?? null;
  if (interpreter === null) return { interpreter: null, libraries: [], missing: missingAll(program, start.needed) };

  const further = options.directories ?? (root === '' ? configuredDirectories() : []);
  const first = options.loader === undefined ? [] : [dirname(options.loader)];
  const directories = [...new Set([...first, ...systemDirectoriesOf(root, interpreter), ...further])];
  const found = new Map<string, string>();
  const missing: { name: string; neededBy: string }[] = [];
  const queue = [{ path: program, elf: start }];
  for (const object of queue) {
    for (const name of object.elf.needed) {
      if (found.has(name)) continue;
      // The interpreter is loaded before anything is searched for, so its own name always resolves.
      if (name === basename(interpreter) && resolveInImage(root, interpreter) !== null) {
        found.set(name, interpreter);
        continue;
      }
      const library = findLibrary(name, object, directories, root);
      if (library === null) {
        if (!missing.some((entry) => entry.name === name)) missing.push({ name, neededBy: object.path });
        continue;
      }
      found.set(name, library.path);
      queue.push(library);
    }
  }
  const libraries = [...new Set(found.values())].sort((one, other) => (one < other ? -1 : 1));
  return { interpreter: start.interpreter, libraries, missing };
}

function systemDirectoriesOf(root: string, interpreter: string): string[] {
  try {
    return loaderDirectories(resolveInImage(root, interpreter) ?? join(root, interpreter));
  } catch {
    // A missing interpreter is a finding of its own; its libraries are searched where most loaders do.
    return ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib'];
  }
}

function missingAll(program: string, needed: readonly string[]): { name: string; neededBy: string }[] {
  return needed.map((name) => ({ name, neededBy: program }));
}
