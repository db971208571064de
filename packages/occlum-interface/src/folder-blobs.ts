import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostBlobs, isHostBlobKey, maxHostBlobBytes } from '@neo-service-layer/tee-channel/host-link';
import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * The blobs that a host keeps for one enclave, each a file of its own in a folder: what the enclave keeps there is one
 * small keyring, written at starts and rotations. A file is replaced as a whole and is on the disk when `put` resolves;
 * any number of processes may use the folder; `neo-tee seal inspect` reads the files. For many values that change
 * together a database is the better place (`LmdbBlobStore` of sealing).
 */
export class FolderBlobs implements HostBlobs {
  readonly #folder: string;

  /** @param folder is made when the first blob is put */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file of a key. @throws {TeeError} ERR_HOST_BLOBS for a key that is none */
  path(key: string): string {
    if (isHostBlobKey(key)) return join(this.#folder, key);
    throw new TeeError('ERR_HOST_BLOBS', 'The key of a blob is not one.');
  }

  async get(key: string): Promise<Uint8Array | null> {
    const path = this.path(key);
    try {
      const bytes = await readFile(path);
      if (bytes.length <= maxHostBlobBytes) return new Uint8Array(bytes);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
      throw failed('read', path, cause);
    }
    throw failed('read', path, new TypeError('larger than a blob can be'));
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.path(key);
    const draft = join(this.#folder, `.${key}.${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeDurably(draft, bytes);
      await rename(draft, path);
      await syncFolder(this.#folder);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => {});
      throw failed('write', path, cause);
    }
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function failed(what: 'read' | 'write', path: string, cause: unknown): TeeError {
  return new TeeError('ERR_HOST_BLOBS', `The host could not ${what} a blob of the enclave.`, {
    actual: `${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}
