// Checks every public package as its users get it: packed, judged by publint and arethetypeswrong, and installed. Each
// entry of its exports must import and type-check with nothing there but what the package itself names.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { judgePackage } from './judge-package.mjs';
import { packPackages } from './pack-packages.mjs';
import { root, toolEnvironment } from './run-steps.mjs';

const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'packed-'));
const failures = [];

try {
  const packages = await packPackages(join(scratch, 'tarballs'));
  for (const { name, tarball, folder } of packages) report(name, 'packed', await judgePackage(tarball, folder));
  await installWithNpm(packages).catch((error) => report('all', 'npm install', [text(error)]));
  await installAlone(packages);
  for (const { name, manifest } of packages) writeUses(name, manifest);
  await Promise.all([
    ...packages.map(({ name }) =>
      run(process.execPath, ['use.mjs'], { cwd: projectOf(name) })
        .then(() => report(name, 'installed', []))
        .catch((error) => report(name, 'installed', [text(error)])),
    ),
    typeCheck(packages)
      .then(() => report('all', 'types', []))
      .catch((error) => report('all', 'types', [text(error)])),
  ]);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** npm, which users have, accepts them all together: versions, engines, peers. */
async function installWithNpm(packages) {
  const project = join(scratch, 'npm-user');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--package-lock-only'];
  await run('npm', ['install', ...options, ...packages.map(({ tarball }) => tarball)], { cwd: project });
  report('all', 'npm install', []);
}

/**
 * A project for each package, where nothing can be imported but what the package names itself: pnpm without hoisting
 * gives each package a node_modules of its own.
 */
async function installAlone(packages) {
  const names = new Set(packages.map(({ name }) => name));
  const overrides = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const user = { private: true, type: 'module' };
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ ...user, name: 'users', pnpm: { overrides } }));
  writeFileSync(join(scratch, 'pnpm-workspace.yaml'), 'packages: ["*"]\n');
  for (const { name, manifest, tarball } of packages) {
    // What an entry needs beside the package, and says so. Those optional peers are left out that we do not install
    // for ourselves: no entry may need them to be imported.
    const isOurs = (peer) =>
      manifest.peerDependenciesMeta?.[peer]?.optional !== true || manifest.devDependencies?.[peer];
    const peers = Object.entries(manifest.peerDependencies ?? {}).filter(([peer]) => !names.has(peer) && isOurs(peer));
    mkdirSync(projectOf(name));
    writeFileSync(
      join(projectOf(name), 'package.json'),
      JSON.stringify({
        ...user,
        name: `user-of-${name.replace(/[@/]/g, '-')}`,
        dependencies: { [name]: `file:${tarball}`, ...Object.fromEntries(peers) },
      }),
    );
  }
  const options = ['--ignore-scripts', '--prefer-offline', '--no-hoist', '--no-frozen-lockfile'];
  await run('pnpm', ['install', ...options, '--config.auto-install-peers=false'], {
    cwd: scratch,
    env: toolEnvironment,
  });
}

/** A program that imports every entry of a package, for Node and for the type checker. */
function writeUses(name, { exports }) {
  const specifiers = Object.keys(exports)
    .filter((path) => !path.endsWith('.json') && !path.endsWith('.wasm'))
    .map((path) => name + path.slice(1));
  const imports = specifiers.map((specifier, index) => `import * as m${index} from '${specifier}';`).join('\n');
  const checks = specifiers.map((_, index) => `if (Object.keys(m${index}).length === 0) throw new Error('empty');`);
  const list = specifiers.map((_, index) => `m${index}`);
  writeFileSync(join(projectOf(name), 'use.mjs'), `${imports}\n${checks.join('\n')}\n`);
  writeFileSync(join(projectOf(name), 'use.mts'), `${imports}\nexport const all: object[] = [${list}];\n`);
}

/** Type-checks every project in one run: each import is resolved from the project's own folder all the same. */
async function typeCheck(packages) {
  const flags = '--noEmit --strict --target es2022 --module nodenext --lib es2023,dom --skipLibCheck false';
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const files = packages.map(({ name }) => join(projectOf(name), 'use.mts'));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler, ...flags.split(' '), ...types, ...files], { cwd: scratch });
}

function projectOf(name) {
  return join(scratch, name.replace('/', '-'));
}

function report(name, what, problems) {
  process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${what.padEnd(12)} ${name}\n`);
  for (const problem of problems) process.stdout.write(`      ${problem}\n`);
  failures.push(...problems);
}

function text({ stdout = '', stderr = '', message }) {
  return `${stdout}${stderr}${message}`;
}
