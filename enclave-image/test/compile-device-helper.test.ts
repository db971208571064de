import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readElf } from '@neo-service-layer/occlum-manager';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleRuntime } from '../src/bundle-runtime.ts';
import { compileDeviceHelper, deviceHelperName } from '../src/compile-device-helper.ts';

const hasGcc = requireOrSkip(spawnSync('gcc', ['--version']).status === 0, 'gcc');

describe.skipIf(!hasGcc)(hasGcc ? 'the helper for /dev/sgx' : 'the helper for /dev/sgx (skipped: no gcc)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'device-helper-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has the same bytes each time, is a shared object, needs libc alone and loads into Node', async () => {
    const bytes = await compileDeviceHelper();
    expect(await compileDeviceHelper()).toEqual(bytes);
    const path = join(folder, deviceHelperName);
    writeFileSync(path, bytes);
    expect(readElf(path)).toMatchObject({ type: 'dyn', needed: ['libc.so.6'] });
    expect(createRequire(import.meta.url)(path).ioctl).toBeTypeOf('function');
  });

  test('is in the bundle for hardware, and only there', async () => {
    writeFileSync(join(folder, 'package.json'), '{"name":"program","version":"1.0.0"}');
    const entry = join(folder, 'entry.js');
    writeFileSync(entry, 'export const nothing = 0;\n');
    const entries = { runtime: entry, sandboxWorker: entry, engine: entry };
    const names = async (deviceHelper: boolean) =>
      (await bundleRuntime({ outDir: join(folder, 'bundle'), entries, deviceHelper })).files.map(({ name }) => name);
    expect(await names(false)).not.toContain(deviceHelperName);
    expect(await names(true)).toContain(deviceHelperName);
    expect(readFileSync(join(folder, 'bundle', deviceHelperName)).length).toBeGreaterThan(1000);
  });
});

test('without a compiler the error names the packages to install', async () => {
  const error = await thrownBy(() => compileDeviceHelper('/nonexistent/gcc'));
  expect(error).toMatchObject({ code: 'ERR_OCCLUM_IMAGE', hint: expect.stringContaining('gcc') });
});
