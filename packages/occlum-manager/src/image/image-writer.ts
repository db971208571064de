import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** Characters in file names that break `occlum build` (occlum-contract §0.13). */
const unsafeName = /[;|\t\n\r\0]/;

/**
 * Puts files, folders and links into an image folder. A destination never leaves the folder, whatever links are in
 * it; the last writer of a name wins, as with copy_bom.
 */
export class ImageWriter {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @param root made when it is not there */
  static async open(root: string): Promise<ImageWriter> {
    await mkdir(root, { recursive: true });
    return new ImageWriter(await realpath(root));
  }

  /** Makes a folder and those above it. */
  async folder(path: string): Promise<string> {
    const place = join(this.#root, checkedPath(path));
    await mkdir(place, { recursive: true }).catch((cause) => {
      throw new TeeError('ERR_OCCLUM_IMAGE', `the folder ${path} cannot be made in the image`, { cause });
    });
    const real = await realpath(place);
    if (real !== this.#root && !real.startsWith(`${this.#root}/`)) {
      throw new TeeError('ERR_OCCLUM_IMAGE', `${path} leads out of the image`, { actual: real });
    }
    return real;
  }

  /**
   * Copies a file, following links at its source. Mode 0755 when anyone may execute the source, else 0644: the host's
   * umask and owners must not be in what is measured.
   */
  async file(source: string, destination: string): Promise<void> {
    const found = await stat(source).catch((cause) => {
      throw new TeeError('ERR_OCCLUM_IMAGE', `${source} cannot be copied into the image`, { cause });
    });
    if (!found.isFile()) throw new TeeError('ERR_OCCLUM_IMAGE', `${source} is not a regular file`);
    const place = await this.#place(destination);
    await copyFile(source, place, constants.COPYFILE_FICLONE);
    await chmod(place, (found.mode & 0o111) === 0 ? 0o644 : 0o755);
  }

  /** Makes a symbolic link; `target` is kept as it is. */
  async link(target: string, path: string): Promise<void> {
    await symlink(target, await this.#place(path));
  }

  /**
   * Copies a folder as `rsync -ar --copy-unsafe-links` does: links that stay inside the folder remain links, others
   * become what they point to.
   *
   * @param excluded told each path inside the folder, with "/" between names
   */
  async tree(source: string, destination: string, excluded: (path: string) => boolean = () => false): Promise<void> {
    const top = await realpath(source);
    const copy = async (inside: string): Promise<void> => {
      await this.folder(posix.join(destination, inside));
      for (const entry of (await readdir(join(top, inside))).sort()) {
        const path = posix.join(inside, entry);
        if (excluded(path)) continue;
        const file = join(top, path);
        const kind = await lstat(file);
        const target = kind.isSymbolicLink() ? await readlink(file) : undefined;
        if (target !== undefined && staysInside(path, target)) await this.link(target, posix.join(destination, path));
        else if ((await stat(file)).isDirectory()) await copy(path);
        else await this.file(file, posix.join(destination, path));
      }
    };
    await copy('.');
  }

  async #place(destination: string): Promise<string> {
    const path = checkedPath(destination);
    const place = join(await this.folder(dirname(path)), posix.basename(path));
    // An old link would be written through; an old folder is not silently replaced by a file.
    const old = await lstat(place).catch(() => undefined);
    if (old?.isDirectory()) throw new TeeError('ERR_OCCLUM_IMAGE', `${destination} is a folder in the image already`);
    if (old !== undefined) await rm(place);
    return place;
  }
}

/** Whether a link at `path` (inside a tree) to `target` points into that tree. */
function staysInside(path: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  const reached = relative('/tree', posix.join('/tree', dirname(path), target));
  return !reached.startsWith('..');
}

function checkedPath(path: string): string {
  if (unsafeName.test(path)) {
    throw new TeeError('ERR_OCCLUM_IMAGE', 'a file name has a character that breaks occlum build', {
      expected: 'no ; | tab or newline',
      actual: JSON.stringify(path),
    });
  }
  if (path.split('/').includes('..')) throw new TeeError('ERR_OCCLUM_IMAGE', `${path} has ".." in it`);
  return posix.join('/', path);
}
