import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { occlumConfig, readSigningKey } from '../../src/index.ts';
import { scriptInstance } from '../support/script-instance.ts';

const config = occlumConfig({ preset: 'native', untrustedEnv: ['GREETING'] });

describe('creating', () => {
  test('an instance appears whole, with nothing left beside it', async () => {
    const { folder, instance } = await scriptInstance();
    expect(readdirSync(folder).sort()).toEqual(['key.pem', 'test.inst', 'tools']);
    expect(await instance.readConfig()).toEqual(config);
  });

  test('a folder with something in it is left alone', async () => {
    const { folder, manager } = await scriptInstance();
    mkdirSync(join(folder, 'mine.inst'));
    writeFileSync(join(folder, 'mine.inst/letter'), 'dear');
    expect((await thrownBy(() => manager.createInstance(join(folder, 'mine.inst')))).code).toBe('ERR_OCCLUM_INSTANCE');
    expect(readFileSync(join(folder, 'mine.inst/letter'), 'utf8')).toBe('dear');
  });

  test('the same folder made by five at once belongs to exactly one', async () => {
    const { folder, manager } = await scriptInstance();
    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, () => manager.createInstance(join(folder, 'one.inst'))),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('.new'))).toEqual([]);
  });

  test('a folder that is no instance cannot be opened', async () => {
    const { folder, manager } = await scriptInstance();
    expect((await thrownBy(() => manager.openInstance(folder))).code).toBe('ERR_OCCLUM_INSTANCE');
    expect((await thrownBy(() => manager.openInstance(join(folder, 'no/where')))).code).toBe('ERR_OCCLUM_INSTANCE');
  });
});

describe('building', () => {
  test('gives the measurements, and the tool a clean environment and -f', async () => {
    const { instance, signKey } = await scriptInstance();
    process.env['SECURE_IMAGE_KEY'] = '/stray';
    const output: string[] = [];
    const built = await instance.build({ signKey, onOutput: (chunk) => output.push(Buffer.from(chunk).toString()) });
    delete process.env['SECURE_IMAGE_KEY'];
    expect(built.mrSigner).toBe((await readSigningKey(signKey)).mrSigner);
    expect(await instance.measurements()).toEqual({ mrEnclave: built.mrEnclave, mrSigner: built.mrSigner });
    expect(output.join('')).toContain('successfully');
    expect(await instance.isBuilt()).toBe(true);
    const seen = JSON.parse(readFileSync(join(instance.dir, 'build.arguments'), 'utf8'));
    expect(seen.rest).toEqual(['--sign-key', signKey, '--sgx-mode', 'SIM', '-f']);
    expect(seen.env.SGX_MODE).toBe('SIM');
    expect(seen.env).not.toHaveProperty('SECURE_IMAGE_KEY');
    expect(seen.env).not.toHaveProperty('VITEST');
  });

  test('a changed configuration makes the build count as stale', async () => {
    const { instance, signKey } = await scriptInstance();
    await instance.build({ signKey });
    await instance.writeConfig(occlumConfig({ preset: 'native', env: { A: 'b' } }));
    expect(await instance.isBuilt()).toBe(false);
    expect((await thrownBy(() => instance.measurements())).code).toBe('ERR_OCCLUM_NOT_BUILT');
  });

  test('a failed build leaves the one before it, and what programs had written', async () => {
    const { instance, signKey, fake } = await scriptInstance();
    const first = await instance.build({ signKey });
    writeFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'kept');
    fake.behave({ build: 'fail' });
    const error = await thrownBy(() => instance.build({ signKey }));
    expect(error.code).toBe('ERR_OCCLUM_BUILD');
    expect(error.details).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('user_space_size') });
    expect((await instance.measurements()).mrEnclave).toBe(first.mrEnclave);
    expect(readFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'utf8')).toBe('kept');
  });

  test('an abort ends the tool with all it started and restores the build before', async () => {
    const { instance, signKey, fake } = await scriptInstance();
    const first = await instance.build({ signKey });
    fake.behave({ build: 'hang' });
    const controller = new AbortController();
    const error = await thrownBy(() =>
      instance.build({ signKey, signal: controller.signal, onOutput: () => controller.abort() }),
    );
    expect(error.code).toBe('ERR_OCCLUM_ABORTED');
    expect((await instance.measurements()).mrEnclave).toBe(first.mrEnclave);
  });
});
