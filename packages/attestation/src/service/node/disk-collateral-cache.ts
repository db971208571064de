import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CollateralCache, requireCacheKey } from '../collateral-cache.ts';

const suffix = '.collateral';
const draftSuffix = '.draft';
/** Drafts this old were left by a process that died. */
const abandonedMs = 10 * 60 * 1000;
const maxFileBytes = 8 * 1024 * 1024;

/**
 * A cache in a folder, one file for each entry, which any number of processes may share. A file appears under its name
 * only when it is whole and on the disk (written aside, synced, renamed), with access for its owner alone. The entry
 * written longest ago gives way when there are too many.
 *
 * A file that cannot be read as an entry is not this class's concern: whoever reads it verifies it.
 */
export class DiskCollateralCache implements CollateralCache {
  readonly #folder: string;
  readonly #maxEntries: number;

  /** @param folder is made (0700) when it is not there */
  constructor(folder: string, { maxEntries = 256 }: { maxEntries?: number } = {}) {
    this.#folder = folder;
    this.#maxEntries = maxEntries;
  }

  /** @throws {TeeError} ERR_COLLATERAL_CACHE when the file cannot be read, is none, or is absurdly long */
  async get(key: string): Promise<Uint8Array | null> {
    const path = join(this.#folder, requireCacheKey(key) + suffix);
    try {
      // Neither through a link nor into a pipe that would hang.
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const info = await file.stat();
        if (!info.isFile() || info.size > maxFileBytes) throw new TypeError('not a file of sensible size');
        return new Uint8Array(await file.readFile());
      } finally {
        await file.close();
      }
    } catch (cause) {
      if (isMissing(cause)) return null;
      throw new TeeError('ERR_COLLATERAL_CACHE', `The cache entry ${key} cannot be read.`, { cause });
    }
  }

  /** @throws {TeeError} ERR_COLLATERAL_CACHE when the disk is full or the folder cannot be written to */
  async put(key: string, entry: Uint8Array): Promise<void> {
    const name = requireCacheKey(key) + suffix;
    const draft = join(this.#folder, `${name}.${randomUUID()}${draftSuffix}`);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeWhole(draft, entry);
      await rename(draft, join(this.#folder, name));
      await this.#tidy(name);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw new TeeError('ERR_COLLATERAL_CACHE', `The cache entry ${key} cannot be written.`, {
        hint: 'Check space and permissions of the folder of the cache.',
        cause,
      });
    }
  }

  /** Removes drafts of processes that died, and the oldest entries beyond the limit. Time is the file system's. */
  async #tidy(newest: string): Promise<void> {
    const names = await readdir(this.#folder);
    const files = await Promise.all(names.map(async (name) => ({ name, time: await this.#modified(name) })));
    const now = files.find(({ name }) => name === newest)?.time ?? 0;
    const abandoned = files.filter(({ name, time }) => name.endsWith(draftSuffix) && now - time > abandonedMs);
    const entries = files.filter(({ name }) => name.endsWith(suffix) && name !== newest);
    entries.sort((a, b) => b.time - a.time);
    for (const { name } of [...abandoned, ...entries.slice(Math.max(0, this.#maxEntries - 1))]) {
      await rm(join(this.#folder, name), { force: true });
    }
  }

  async #modified(name: string): Promise<number> {
    // Another process may have removed it just now.
    const info = await stat(join(this.#folder, name)).catch(() => null);
    return info?.mtimeMs ?? Number.POSITIVE_INFINITY;
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
