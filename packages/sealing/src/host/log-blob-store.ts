import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobChange, HostBlobStore } from '../store/host-blob-store.ts';
import { type LogFiles, nodeLogFiles } from './log-files.ts';
import { encodeLogRecord, type LoggedChange, readRecord, readRecordHead, recordHeadBytes } from './log-record.ts';

/** Options of {@link LogBlobStore}. */
export interface LogBlobStoreOptions {
  /** Rewrite the log when it is at least so long and half of it is of no use any more. Default 64 MiB. */
  compactBytes?: number | undefined;
  /** The file system; for tests of crashes. */
  files?: LogFiles | undefined;
}

/**
 * Sealed bytes in one append-only file, with nothing but Node. A write is one record, durable when it is acknowledged;
 * what a crash tore is cut off at the next start. The keys, not the values, are held in memory.
 *
 * Runs on the host. One process at a time.
 */
export class LogBlobStore implements HostBlobStore {
  readonly #folder: string;
  readonly #files: LogFiles;
  readonly #compactBytes: number;
  readonly #places = new Map<string, { offset: number; length: number }>();
  #file: FileHandle;
  #end = 0;
  /** Bytes of values that the log still needs. */
  #live = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #failure: unknown = null;

  private constructor(folder: string, file: FileHandle, options: LogBlobStoreOptions) {
    this.#folder = folder;
    this.#file = file;
    this.#files = options.files ?? nodeLogFiles;
    this.#compactBytes = options.compactBytes ?? 64 * 1024 * 1024;
  }

  /** Opens the log in a folder, which is made if need be. */
  static async open(folder: string, options: LogBlobStoreOptions = {}): Promise<LogBlobStore> {
    await mkdir(folder, { recursive: true });
    await rm(join(folder, 'blobs.new'), { force: true });
    const store = new LogBlobStore(
      folder,
      await open(join(folder, 'blobs.log'), 'a+').then(reopenForWriting(folder)),
      options,
    );
    await store.#recover();
    return store;
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return Promise.all(keys.map((key) => this.#get(key)));
  }

  write(changes: readonly BlobChange[]): Promise<void> {
    const run = this.#queue.then(() => this.#append(changes));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  /** Bytes of the log. */
  get bytes(): number {
    return this.#end;
  }

  /** Waits for writes under way and closes the file. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
  }

  async #get(key: string): Promise<Uint8Array | null> {
    const place = this.#places.get(key);
    if (!place) return null;
    const bytes = new Uint8Array(place.length);
    const { bytesRead } = await this.#file.read(bytes, 0, place.length, place.offset);
    if (bytesRead !== place.length) throw new Error(`the log of blobs is shorter than it was: ${this.#folder}`);
    return bytes;
  }

  async #append(changes: readonly BlobChange[]): Promise<void> {
    if (this.#failure !== null) throw new Error('an earlier write of the log failed', { cause: this.#failure });
    const { bytes, changes: logged } = encodeLogRecord(changes);
    try {
      await this.#files.write(this.#file, bytes, this.#end);
      await this.#files.sync(this.#file);
      this.#apply(logged, this.#end);
      this.#end += bytes.length;
      if (this.#end >= this.#compactBytes && this.#live * 2 < this.#end) await this.#compact();
    } catch (error) {
      // What is in the file now is known only after a start.
      this.#failure = error;
      throw error;
    }
  }

  #apply(logged: readonly LoggedChange[], recordAt: number): void {
    for (const { key, place } of logged) {
      this.#live -= this.#places.get(key)?.length ?? 0;
      this.#places.delete(key);
      if (!place) continue;
      this.#places.set(key, { offset: recordAt + place.offset, length: place.length });
      this.#live += place.length;
    }
  }

  async #recover(): Promise<void> {
    const { size } = await this.#file.stat();
    while (this.#end < size) {
      const head = Buffer.alloc(recordHeadBytes);
      const { bytesRead } = await this.#file.read(head, 0, recordHeadBytes, this.#end);
      const length = readRecordHead(head.subarray(0, bytesRead));
      if (length === null || this.#end + recordHeadBytes + length > size) break;
      const bytes = Buffer.alloc(recordHeadBytes + length);
      await this.#file.read(bytes, 0, bytes.length, this.#end);
      const logged = readRecord(bytes);
      if (logged === null) break;
      this.#apply(logged, this.#end);
      this.#end += bytes.length;
    }
    if (this.#end === size) return;
    await this.#files.truncate(this.#file, this.#end);
    await this.#files.sync(this.#file);
  }

  /** Writes what is still needed into a new file, a few values at a time, and puts it in the place of the old one. */
  async #compact(): Promise<void> {
    const [path, newPath] = [join(this.#folder, 'blobs.log'), join(this.#folder, 'blobs.new')];
    const file = await open(newPath, 'w+');
    const places = new Map<string, { offset: number; length: number }>();
    const keys = [...this.#places.keys()];
    let end = 0;
    for (let at = 0; at < keys.length; at += 256) {
      const part = keys.slice(at, at + 256);
      const values = await this.getMany(part);
      const { bytes, changes } = encodeLogRecord(part.map((key, index) => ({ key, value: values[index] ?? null })));
      await this.#files.write(file, bytes, end);
      for (const { key, place } of changes) if (place) places.set(key, { ...place, offset: end + place.offset });
      end += bytes.length;
    }
    await this.#files.sync(file);
    await this.#files.replace(newPath, path, this.#folder);
    const old = this.#file;
    this.#file = file;
    this.#end = end;
    for (const [key, place] of places) this.#places.set(key, place);
    await old.close();
  }
}

/** A handle that writes at positions: one opened for appending writes at the end whatever the position. */
function reopenForWriting(folder: string) {
  return async (created: FileHandle): Promise<FileHandle> => {
    await created.close();
    return open(join(folder, 'blobs.log'), 'r+');
  };
}
