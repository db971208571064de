import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { OcclumManager, occlumConfig } from '../../src/index.ts';
import { madeOnce } from '../support/made-once.ts';
import { builtInstance, scriptInstance } from '../support/script-instance.ts';

/** A release build for hardware, and the arguments the tool was last packaged with. */
async function hardwareInstance(folder: string) {
  const made = await scriptInstance({}, folder);
  const manager = await OcclumManager.locate({ simulation: false, occlumPath: made.fake.executable });
  const instance = await manager.openInstance(made.instance.dir);
  await instance.build({ signKey: made.signKey });
  const seen = (): string[] => JSON.parse(readFileSync(join(instance.dir, 'package.arguments'), 'utf8'));
  return { ...made, manager, instance, seen };
}

describe('a package', () => {
  const system = madeOnce(hardwareInstance);

  test('of a release build is made without --debug, and is the archive that was asked for', async () => {
    const { instance, seen } = system();
    const packaged = await instance.package();
    expect(seen()).toEqual(['test.tar.gz']);
    expect(packaged.file).toBe(join(instance.dir, 'test.tar.gz'));
    expect(packaged.bytes).toBe(readFileSync(packaged.file).length);
  });

  test('has a name that a shell takes literally', async () => {
    const { instance, seen } = system();
    for (const name of ['', 'a b', '../x', '-x', 'a;b', '.hidden']) {
      expect((await thrownBy(() => instance.package({ name }))).code).toBe('ERR_OCCLUM_PACKAGE');
    }
    expect((await instance.package({ name: 'mine-1.0' })).file).toMatch(/mine-1\.0\.tar\.gz$/);
    expect(seen()).toEqual(['mine-1.0.tar.gz']);
  });

  test('of an earlier time is not taken for the new one', async () => {
    const { instance, fake } = system();
    const { file } = await instance.package();
    fake.behave({ package: 'no-archive' });
    expect((await thrownBy(() => instance.package())).code).toBe('ERR_OCCLUM_PACKAGE');
    expect(existsSync(file)).toBe(false);
    fake.behave({});
  });

  test('of a debuggable enclave needs allowDebug', async () => {
    const { instance, seen, signKey } = system();
    await instance.build({ signKey, config: occlumConfig({ preset: 'native', allowDebug: true }) });
    expect((await thrownBy(() => instance.package())).code).toBe('ERR_OCCLUM_PACKAGE');
    await instance.package({ allowDebug: true });
    expect(seen()).toEqual(['--debug', 'test.tar.gz']);
  });
});

test('a simulated instance is packaged only when asked by name, and an unbuilt one not at all', async () => {
  const { instance } = await builtInstance();
  expect((await thrownBy(() => instance.package({ allowDebug: true }))).code).toBe('ERR_OCCLUM_PACKAGE');
  await instance.package({ allowSimulation: true });
  writeFileSync(join(instance.dir, 'build/Enclave.xml'), '');
  expect((await thrownBy(() => instance.package({ allowSimulation: true }))).code).toBe('ERR_OCCLUM_NOT_BUILT');
});
