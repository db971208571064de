import { type FileHandle, open, rename } from 'node:fs/promises';

/** What a {@link LogBlobStore} does to files, one step each: where a machine can stop in between. */
export interface LogFiles {
  write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void>;
  sync(file: FileHandle): Promise<void>;
  truncate(file: FileHandle, length: number): Promise<void>;
  /** Puts one file in the place of another, durably. */
  replace(from: string, to: string, folder: string): Promise<void>;
}

/** The file system of the machine. */
export const nodeLogFiles: LogFiles = {
  write: async (file, bytes, position) => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  },
  sync: (file) => file.datasync(),
  truncate: (file, length) => file.truncate(length),
  replace: async (from, to, folder) => {
    await rename(from, to);
    const directory = await open(folder, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};
