import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A folder that is there for the running test only. */
export function tempFolder(): string {
  const folder = make();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of the surrounding describe; to be called where it is described. */
export function sharedTempFolder(): string {
  const folder = make();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function make(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'enclave-image-')));
}
