// Packs every public package as a registry would hand it out; pnpm puts versions in the place of `workspace:` and `catalog:`.
// npm run pack -- [FOLDER]: the tarballs, for trying the packages in a project elsewhere. Default folder: packed.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureBuilt, root, toolEnvironment } from './run-steps.mjs';

const run = promisify(execFile);

/** Packs into a folder; the name, folder, manifest and tarball of each. */
export async function packPackages(destination) {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  );
  const manifests = [...folders, join(root, 'enclave-image')].map((folder) => ({
    folder,
    manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  }));
  mkdirSync(destination, { recursive: true });
  return Promise.all(
    manifests
      .filter(({ manifest }) => !manifest.private)
      .map(async ({ folder, manifest }) => {
        const args = ['pack', '--json', '--pack-destination', destination];
        const { stdout } = await run('pnpm', args, { cwd: folder, env: toolEnvironment });
        const tarball = JSON.parse(stdout.slice(stdout.indexOf('{'))).filename;
        return { name: manifest.name, folder, manifest, tarball };
      }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureBuilt();
  const destination = resolve(process.argv[2] ?? join(root, 'packed'));
  for (const { tarball } of await packPackages(destination)) process.stdout.write(`${tarball}\n`);
}
