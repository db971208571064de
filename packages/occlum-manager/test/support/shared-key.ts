import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** A signing key as PEM. It is slow to make; all tests of a run share one (see global-setup.ts). */
export function sharedKey(): string {
  return inject('signingKey');
}

/** A file with a second signing key. */
export function otherKeyFile(folder: string): string {
  const file = join(folder, 'other.pem');
  writeFileSync(file, inject('otherKey'));
  return file;
}
