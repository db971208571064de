import { basename, dirname, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { libraryClosure } from './library-closure.ts';
import { loaderDirectories } from './library-search.ts';

/** A file of the host and the place it takes in an image. */
export interface ImageFile {
  readonly source: string;
  readonly destination: string;
}

/**
 * A program of the host with everything it needs to be loaded, laid out so that the loader finds it in an image
 * without an ld.so.cache: the interpreter at its own path, each library where the loader looks by itself.
 *
 * @param program absolute path on the host
 * @param destination path in the image, e.g. "/bin/node"
 * @param options.loader takes the interpreter's place, with the libraries beside it, which stay at their paths
 * @throws TeeError ERR_OCCLUM_IMAGE when a library is missing on the host; ERR_OCCLUM_ELF when it is no program
 */
export function programFiles(
  program: string,
  destination: string,
  { loader }: { loader?: string | undefined } = {},
): ImageFile[] {
  const { interpreter, libraries, missing } = libraryClosure(program, { loader });
  if (missing.length > 0) {
    throw new TeeError('ERR_OCCLUM_IMAGE', `${program} needs libraries that are not on this machine`, {
      actual: missing.map(({ name, neededBy }) => `${name} (for ${neededBy})`).join(', '),
      hint: 'Install the packages that have them.',
    });
  }
  if (interpreter === null) {
    throw new TeeError('ERR_OCCLUM_IMAGE', `${program} is a static program, which Occlum does not load`, {
      expected: 'a dynamically linked, position-independent program',
    });
  }
  const builtIn = loader === undefined ? loaderDirectories(interpreter) : [dirname(loader)];
  const home = builtIn[0] ?? dirname(interpreter);
  const files = new Map([[destination, program]]);
  files.set(interpreter, loader ?? interpreter);
  for (const library of libraries) {
    // The loader itself is often listed as a library, under its own name in a library folder.
    if (basename(library) === basename(interpreter)) continue;
    const place = builtIn.includes(dirname(library)) ? library : join(home, basename(library));
    files.set(place, library);
  }
  return [...files].map(([place, source]) => ({ source, destination: place }));
}
