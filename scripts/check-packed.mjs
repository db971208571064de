// Packs every public package and installs each alone (with the workspace packages it depends on) by npm in an empty
// project, as a user would: it must import from ESM on every entry of its exports, and type-check.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root, toolEnvironment } from './run-steps.mjs';

const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'packed-'));
const packages = new Map();
for (const folder of [
  ...['packages', 'apps'].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name))),
  join(root, 'enclave-image'),
]) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!manifest.private) packages.set(manifest.name, { folder, manifest });
}

try {
  const tarballs = join(scratch, 'tarballs');
  mkdirSync(tarballs);
  for (const entry of packages.values()) {
    const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', tarballs], {
      cwd: entry.folder,
      env: toolEnvironment,
    });
    entry.tarball = JSON.parse(stdout.slice(stdout.indexOf('{'))).filename;
  }
  const names = [...packages.keys()];
  const failures = new Set();
  const fail = (name, error) => {
    failures.add(name);
    process.stdout.write(`FAIL  ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}\n`);
  };
  // Two at a time: the machine has two cores, and the registry is not ours.
  await Promise.all(
    [0, 1].map(async (lane) => {
      for (const name of names.filter((_, index) => index % 2 === lane)) {
        await install(name)
          .then(() => process.stdout.write(`ok    ${name}\n`))
          .catch((error) => fail(name, error));
      }
    }),
  );
  await typeCheck(names).catch((error) => fail('types', error));
  process.exitCode = failures.size > 0 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function projectOf(name) {
  return join(scratch, name.replace('/', '-'));
}

/** Installs a package in a project of its own and imports every entry of its exports. */
async function install(name) {
  const { manifest } = packages.get(name);
  const project = projectOf(name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  const needed = [...closure(name)].map((dependency) => packages.get(dependency).tarball);
  // What an entry needs beside the package, and says so: npm leaves optional peers to the user.
  const peers = Object.entries(manifest.peerDependencies ?? {})
    .filter(([peer]) => !packages.has(peer))
    .map(([peer, range]) => `${peer}@${range}`);
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', ['install', ...options, ...needed, ...peers], { cwd: project });
  const specifiers = Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json') && !path.endsWith('.wasm'))
    .map((path) => name + path.slice(1));
  const imports = specifiers.map((specifier, index) => `import * as m${index} from '${specifier}';`).join('\n');
  const uses = specifiers
    .map((_, index) => `if (Object.keys(m${index}).length === 0) throw new Error('empty');`)
    .join('\n');
  writeFileSync(join(project, 'use.mjs'), `${imports}\n${uses}\n`);
  writeFileSync(
    join(project, 'use.mts'),
    `${imports}\nexport const all: object[] = [${specifiers.map((_, i) => `m${i}`)}];\n`,
  );
  await run(process.execPath, ['use.mjs'], { cwd: project });
}

/** Type-checks every project in one run: each import is resolved from the project's own folder all the same. */
async function typeCheck(names) {
  const flags = '--noEmit --strict --target es2022 --module nodenext --lib es2023,dom --skipLibCheck false';
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const files = names.map((name) => join(projectOf(name), 'use.mts'));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler, ...flags.split(' '), ...types, ...files], { cwd: scratch });
}

/** A package with the workspace packages that it needs, and theirs. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const dependency of Object.keys(packages.get(name).manifest.dependencies ?? {})) {
    if (packages.has(dependency)) closure(dependency, found);
  }
  return found;
}
