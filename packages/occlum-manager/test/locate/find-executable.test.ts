import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';
import { OcclumManager } from '../../src/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

function executable(file: string): string {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

test('occlum is found by OCCLUM_PATH: root of an installation, its bin folder, or the file', async () => {
  const root = tempFolder();
  const file = executable(join(root, 'build/bin/occlum'));
  for (const path of [root, join(root, 'build/bin'), file]) {
    const manager = await OcclumManager.locate({ simulation: false, env: { OCCLUM_PATH: path } });
    expect(manager.executable).toBe(file);
    expect(manager.mode).toBe('hardware');
  }
});

test('occlum is found on PATH, through a link, at its real place', async () => {
  const root = tempFolder();
  const file = executable(join(root, 'opt/build/bin/occlum'));
  mkdirSync(join(root, 'bin'));
  symlinkSync(file, join(root, 'bin/occlum'));
  const manager = await OcclumManager.locate({ simulation: false, env: { PATH: `/nowhere:${root}/bin` } });
  expect(manager.executable).toBe(file);
});

test('a relative entry of PATH is not searched: the current folder is not trusted', async () => {
  const error = await thrownBy(() => OcclumManager.locate({ simulation: false, env: { PATH: ':.:bin' } }));
  expect(error.code).toBe('ERR_OCCLUM_NOT_FOUND');
});

test('a file that is not executable is not taken for occlum', async () => {
  const root = tempFolder();
  writeFileSync(join(root, 'occlum'), '');
  const error = await thrownBy(() => OcclumManager.locate({ simulation: false, occlumPath: root, env: {} }));
  expect(error.code).toBe('ERR_OCCLUM_NOT_FOUND');
});

test('hardware never falls back to the simulator', async () => {
  const sim = executable(join(tempFolder(), 'occlum-sim'));
  const env = { PATH: join(sim, '..'), OCCLUM_SIM_BIN: sim };
  expect((await thrownBy(() => OcclumManager.locate({ simulation: false, env }))).code).toBe('ERR_OCCLUM_NOT_FOUND');
  expect((await OcclumManager.locate({ simulation: true, env })).executable).toBe(sim);
});

test('the simulator is found as the peer package when nothing names it', async () => {
  const manager = await OcclumManager.locate({ simulation: true, env: {} });
  expect(manager.executable).toMatch(/sgx-simulator\/bin\/occlum-sim\.js$/);
});

test('hardware has no way to run without the image as root', async () => {
  const error = await thrownBy(() => OcclumManager.locate({ simulation: false, rootfs: 'none', env: {} }));
  expect(error.code).toBe('ERR_INVALID_ARGUMENT');
});
