import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** One entry below the root of a tree. */
export interface TreeEntry {
  /** Path from the root of the tree, with a leading slash. */
  path: string;
  type: 'file' | 'folder' | 'link';
  /** Permission bits; 0o777 for a link, whose own bits mean nothing. */
  mode: number;
  /** Bytes of a file, else 0. */
  size: number;
  /** Target of a link, else empty. */
  target: string;
}

/**
 * Lists a folder tree, parents first, names in byte order: the same tree gives the same list on any machine.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a device, socket or fifo, or a name that a line-based tool would misread
 */
export function listTree(root: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(root + path).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      const entry = readEntry(root, `${path}/${name}`);
      entries.push(entry);
      if (entry.type === 'folder') visit(entry.path);
    }
  };
  visit('');
  return entries;
}

function readEntry(root: string, path: string): TreeEntry {
  if (/[;|\t\n]/.test(path)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'A file name in the image would break the build of Occlum.', {
      expected: 'no ";", "|", tab or newline',
      actual: JSON.stringify(path),
    });
  }
  const stat = lstatSync(join(root, path));
  const mode = stat.mode & 0o7777;
  if (stat.isFile()) return { path, type: 'file', mode, size: stat.size, target: '' };
  if (stat.isDirectory()) return { path, type: 'folder', mode, size: 0, target: '' };
  if (stat.isSymbolicLink()) {
    return { path, type: 'link', mode: 0o777, size: 0, target: readlinkSync(join(root, path)) };
  }
  throw new TeeError('ERR_INVALID_ARGUMENT', 'An image holds files, folders and symbolic links only.', {
    actual: path,
  });
}
