import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A block of a README that was run, with what it printed. */
interface ReadmeRun {
  code: string;
  exitCode: number;
  output: string;
}

/**
 * Runs every ```js block of a package's README as a program of its own, in a folder inside the package, so that the
 * package's own name resolves through its `exports` to the built files, as for a user who installed it.
 *
 * @param packageUrl URL of a file in the package's root folder's `test` folder (`import.meta.url` of the test)
 */
export function runReadmeExamples(packageUrl: string): ReadmeRun[] {
  const root = fileURLToPath(new URL('..', packageUrl));
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  const parent = join(root, '.test-results');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'readme-'));
  try {
    return blocks.map((code, index) => {
      const file = join(folder, `example-${index}.mjs`);
      writeFileSync(file, code);
      const run = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
      return { code, exitCode: run.status ?? -1, output: run.stdout + run.stderr };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
