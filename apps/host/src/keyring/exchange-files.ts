import { renameSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import { readFile, writeFile } from '../cli/arguments.ts';

/** Writes a file that another process waits for: it is there as a whole or not at all. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function publish(path: string, bytes: Uint8Array): void {
  writeFile(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}

/**
 * Waits until somebody has put the file there, and until it has stopped growing.
 * @throws {TeeError} ERR_INVALID_ARGUMENT when nobody does in time, ERR_DISPOSED when interrupted
 */
export async function awaitFile(path: string, seconds: number, signal: AbortSignal): Promise<Uint8Array> {
  const deadline = Date.now() + seconds * 1000;
  for (let size = -1; ; ) {
    if (signal.aborted) throw new TeeError('ERR_DISPOSED', `Interrupted while waiting for ${path}.`);
    const found = await stat(path).catch(() => null);
    if (found !== null && found.size === size && size > 0) return readFile(path);
    size = found?.size ?? -1;
    if (Date.now() > deadline) {
      throw new TeeError('ERR_INVALID_ARGUMENT', `${path} did not come within ${seconds} seconds.`, {
        hint: 'A request is good for as long as its enclave runs: begin again, with a new one.',
      });
    }
    await delay(250);
  }
}
