import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';
import { bundleRuntime } from '../src/index.ts';
import { packagesOf } from '../src/packages-of.ts';
import { tempFolder } from './support/temp-folder.ts';

const workspace = fileURLToPath(new URL('../..', import.meta.url));

test('the bundle holds the five files of /app with their hashes, and nothing of the machine', async () => {
  const outDir = tempFolder();
  const { files } = await bundleRuntime({ outDir });
  expect(files.map(({ name }) => name)).toEqual([
    'configuration.json',
    'quickjs.wasm',
    'runtime.mjs',
    'sandbox-worker.mjs',
    'start',
  ]);
  expect(readdirSync(outDir).sort()).toEqual(files.map(({ name }) => name));
  for (const { name, bytes } of files) {
    const content = readFileSync(join(outDir, name));
    expect(content.length).toBe(bytes);
    for (const path of [workspace, workspace.slice(1), 'node_modules', outDir])
      expect(content.includes(path)).toBe(false);
  }
  expect(statSync(join(outDir, 'start')).mode & 0o777).toBe(0o755);
});

test('the packages in it are those of this project that run inside, and their few dependencies', async () => {
  const { packages } = await bundleRuntime({ outDir: tempFolder() });
  const names = packages.map((name) => name.slice(0, name.lastIndexOf('@')));
  expect(names).toEqual([
    '@neo-service-layer/attestation',
    '@neo-service-layer/enclave-runtime',
    '@neo-service-layer/js-execution',
    '@neo-service-layer/receipt',
    '@neo-service-layer/sealing',
    '@neo-service-layer/tee-channel',
    '@neo-service-layer/tee-interface',
    // Of the post-quantum suite.
    '@noble/curves',
    '@noble/hashes',
    '@noble/post-quantum',
    '@panva/hpke-noble',
    'cbor-x',
    'hpke',
    'jose',
    'quickjs-wasi',
    'sucrase',
    'zod',
  ]);
});

test('another folder, installed in another way, gives the same bytes', async () => {
  const elsewhere = tempFolder();
  // Flat, as npm installs: no workspace links, no store of pnpm for this project's own packages.
  const scope = join(elsewhere, 'node_modules', '@neo-service-layer');
  for (const name of readdirSync(join(workspace, 'packages'))) {
    mkdirSync(join(scope, name), { recursive: true });
    for (const part of ['package.json', 'dist']) {
      cpSync(join(workspace, 'packages', name, part), join(scope, name, part), { recursive: true });
    }
  }
  mkdirSync(join(elsewhere, 'node_modules', '@panva'));
  for (const name of ['@panva/hpke-noble', 'cbor-x', 'hpke', 'jose', 'zod'])
    symlinkInstalled(name, join(elsewhere, 'node_modules', name));
  const here = await bundleRuntime({ outDir: tempFolder() });
  const there = await bundleRuntime({
    outDir: tempFolder(),
    entries: {
      runtime: join(scope, 'enclave-runtime/dist/bin/runtime.js'),
      sandboxWorker: join(scope, 'js-execution/dist/worker/sandbox-worker.js'),
      engine: join(scope, 'js-execution/dist/quickjs-sandbox.wasm'),
    },
  });
  expect(there.files).toEqual(here.files);
});

test('a missing entry is refused', async () => {
  const error = await thrownBy(() => bundleRuntime({ outDir: tempFolder(), entries: { runtime: '/nowhere.js' } }));
  expect(error.code).toBe('ERR_OCCLUM_IMAGE');
});

test('a nameless package.json within a package does not hide its name', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'esm'));
  writeFileSync(join(folder, 'package.json'), '{"name":"outer","version":"3.0.0"}');
  writeFileSync(join(folder, 'esm/package.json'), '{"type":"module"}');
  expect(packagesOf([join(folder, 'esm/a.js'), join(folder, 'b.js')])).toEqual(['outer@3.0.0']);
});

function symlinkInstalled(name: string, path: string): void {
  const store = join(workspace, 'node_modules/.pnpm');
  const folder = readdirSync(store).find((entry) => entry.startsWith(`${name.replace('/', '+')}@`));
  symlinkSync(join(store, folder ?? '', 'node_modules', name), path);
}
