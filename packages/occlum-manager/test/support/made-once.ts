import { rmSync } from 'node:fs';
import { beforeAll } from 'vitest';
import { newFolder } from './temp-folder.ts';

/**
 * Makes something in a folder before the tests of a describe block (or a file), which share it, and removes the folder
 * afterwards. Tests leave the thing as they found it.
 */
export function madeOnce<T>(make: (folder: string) => Promise<T>): () => T {
  let made: { readonly value: T } | undefined;
  beforeAll(async () => {
    const folder = newFolder();
    made = { value: await make(folder) };
    return () => rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (made === undefined) throw new Error('only tests may ask for it');
    return made.value;
  };
}
