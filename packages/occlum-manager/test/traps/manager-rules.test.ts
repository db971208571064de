import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { generateImageKey, OcclumManager, occlumConfig } from '../../src/index.ts';
import { cleanEnvironment, programEnvironment } from '../../src/process/clean-environment.ts';
import { decodeExit } from '../../src/process/exit-report.ts';
import { madeOnce } from '../support/made-once.ts';
import { builtInstance, scriptInstance } from '../support/script-instance.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Occlum contract §9: the ten rules for a manager, one test or more for each. */
const steering = {
  SGX_MODE: 'SIM',
  ENABLE_EDMM: 'Y',
  SECURE_IMAGE_KEY: '/stray',
  MAKE_OPTION: '-k',
  BUILDIN_IMAGE_KEY: '1',
  ENCLAVE_SIGN_KEY: '/stray',
  LD_PRELOAD: '/stray.so',
  OCCLUM_RELEASE_ENCLAVE: '0',
  OCCLUM_ENABLE_KSS: '1',
  OCCLUM_CONF_SVN: '9',
};
const raw = { command: 'run', exitCode: 0, signal: null, stdoutTail: '', stderrTail: '' } as const;

describe('the tool', () => {
  test('§9.1: no variable that steers occlum comes from the host’s environment or a caller’s', async () => {
    expect(cleanEnvironment({ ...steering, PATH: '/bin' })).toEqual({ PATH: '/bin' });
    for (const [name, value] of Object.entries(steering)) {
      const error = await thrownBy(() => programEnvironment({ [name]: value }, [name]));
      expect(error.code).toBe('ERR_INVALID_ARGUMENT');
    }
  });

  test('§9.1: the tool gets its folder, a clean environment, and the mode both ways', async () => {
    process.env['SECURE_IMAGE_KEY'] = '/stray';
    const { instance } = await builtInstance();
    delete process.env['SECURE_IMAGE_KEY'];
    const { rest, env } = JSON.parse(readFileSync(join(instance.dir, 'build.arguments'), 'utf8'));
    expect(rest).toEqual(expect.arrayContaining(['--sgx-mode', 'SIM']));
    expect(env).toMatchObject({ SGX_MODE: 'SIM' });
    expect(env).not.toHaveProperty('SECURE_IMAGE_KEY');
    expect(env).not.toHaveProperty('VITEST');
  });

  test('§9.2: an instance has an absolute path with links resolved', async () => {
    const { folder, manager, instance } = await scriptInstance();
    symlinkSync(folder, join(folder, 'link'));
    expect((await manager.openInstance(join(folder, 'link/test.inst'))).dir).toBe(instance.dir);
    mkdirSync(join(folder, 'odd name'));
    const odd = join(folder, 'odd name/x.inst');
    expect((await thrownBy(() => manager.createInstance(odd))).code).toBe('ERR_OCCLUM_INSTANCE');
  });

  test('§9.5: an edited image_config.json, or none, is no build that was asked for', async () => {
    const { instance, signKey, fake } = await builtInstance();
    fake.behave({ build: 'not-encrypted' });
    const file = join(tempFolder(), 'image.key');
    await generateImageKey(file);
    const config = occlumConfig({ preset: 'native', allowDebug: true });
    const error = await thrownBy(() =>
      instance.build({ signKey, config, imageKey: { file, delivery: 'allow-built-in' } }),
    );
    expect(error).toMatchObject({ code: 'ERR_OCCLUM_BUILD', expected: 'encrypted', actual: 'integrity-only' });
  });

  test('§9.5: a line of the configuration check is told, although only signing fails', async () => {
    const { instance, signKey, fake } = await scriptInstance();
    fake.behave({ build: 'fail' });
    const error = await thrownBy(() => instance.build({ signKey }));
    expect(error).toMatchObject({
      code: 'ERR_OCCLUM_BUILD',
      message: expect.stringContaining('a size in Occlum.json'),
    });
    expect(error.details).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('user_space_size') });
  });

  test('§9.6: what is wrong with the image is told before any tool runs, and no half instance stays', async () => {
    const { folder, manager, instance, signKey, fake } = await scriptInstance();
    writeFileSync(join(instance.imageDir, 'bin/env-script'), '#!/usr/bin/env node\n', { mode: 0o755 });
    expect((await thrownBy(() => instance.build({ signKey }))).code).toBe('ERR_OCCLUM_IMAGE');
    expect(readdirSync(instance.dir)).not.toContain('build.arguments');
    fake.behave({ ignoreInitRa: true });
    const failed = await thrownBy(() => manager.createInstance(join(folder, 'ra.inst'), { initRa: 'aecs' }));
    expect(failed.code).toBe('ERR_OCCLUM_INSTANCE');
    expect(readdirSync(folder).filter((name) => /ra\.inst/.test(name))).toEqual([]);
  });

  test('§9.8: an image key has occlum’s form and mode 0600; the demo signing key is refused outside debug', async () => {
    const folder = tempFolder();
    const key = join(folder, 'image.key');
    await generateImageKey(key, (length) => new Uint8Array(length).fill(0xab));
    expect(readFileSync(key, 'utf8')).toBe(`${'ab-'.repeat(15)}ab\n`);
    expect(statSync(key).mode & 0o777).toBe(0o600);

    const { fake, signKey } = await scriptInstance();
    const root = join(folder, 'opt');
    mkdirSync(join(root, 'etc/template'), { recursive: true });
    mkdirSync(join(root, 'build/bin'), { recursive: true });
    writeFileSync(join(root, 'etc/template/Enclave.pem'), readFileSync(signKey));
    writeFileSync(join(root, 'build/bin/occlum'), readFileSync(fake.executable), { mode: 0o755 });
    writeFileSync(join(root, 'build/bin/behaviour.json'), '{}');
    const manager = await OcclumManager.locate({ simulation: true, occlumPath: root });
    const instance = await manager.createInstance(join(folder, 'demo.inst'));
    const config = (allowDebug: boolean) => occlumConfig({ preset: 'native', entryPoints: ['/etc'], allowDebug });
    const refused = await thrownBy(() => instance.build({ signKey, config: config(false) }));
    expect(refused.code).toBe('ERR_OCCLUM_SIGNING_KEY');
    await instance.build({ signKey, config: config(true) });
  });
});

describe('an instance', () => {
  const system = madeOnce((folder) => builtInstance({ sleep: 'echo up; sleep 600', exit: 'exit "$1"' }, folder));

  test('§9.3: one lock guards build, run, start, mount and package, over all objects', async () => {
    const { instance, manager, signKey, folder } = system();
    const program = await instance.run('/bin/sleep');
    const other = await manager.openInstance(instance.dir);
    for (const action of [
      () => other.build({ signKey }),
      () => other.run('/bin/exit'),
      () => other.start(),
      () => other.mount(folder, { signKey }),
      () => other.package({ allowSimulation: true }),
    ]) {
      expect((await thrownBy(action)).code).toBe('ERR_OCCLUM_LOCKED');
    }
    const waiting = other.run('/bin/exit', ['3'], { lockWaitMs: 20_000 });
    await program.stop({ graceMs: 500 });
    expect((await (await waiting).exited).code).toBe(3);
  });

  test('§9.4: it is built when its artefacts say so: each that is missing or empty counts', async () => {
    const { instance } = system();
    for (const name of [
      'build/Enclave.xml',
      'build/.Occlum_sys.json.protected',
      'build/lib/libocclum-libos.signed.so',
    ]) {
      const file = join(instance.dir, name);
      const content = readFileSync(file);
      writeFileSync(file, '');
      const { built, reason } = await instance.status();
      expect([built, reason]).toEqual([false, expect.stringContaining(name)]);
      writeFileSync(file, content);
    }
    expect(await instance.isBuilt()).toBe(true);
  });

  test('§9.9: a program’s output may go to a file that only the owner reads', async () => {
    const { instance, folder } = system();
    const file = join(folder, 'out.log');
    const program = await instance.run('/bin/sleep', [], { stdout: { file } });
    await program.stop({ graceMs: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

test('§9.7: exit codes: 0 to 126 are a program’s; 127 and 1 with the launcher’s words are no program', () => {
  const pal = '[ERROR] occlum-pal: occlum_ecall_new_process returns EACCES (line 210, file src/pal_api.c)\n';
  for (const exitCode of [127, 1]) {
    expect(decodeExit({ ...raw, exitCode, stderrTail: pal }).kind).toBe('failed');
    expect(decodeExit({ ...raw, exitCode, stderrTail: 'Error: mine\n' })).toMatchObject({
      kind: 'exited',
      code: exitCode,
    });
  }
  const onStdout = 'Error: the Occlum image and enclave are not built yet. Need to run "occlum build" first.\n';
  const report = decodeExit({ ...raw, exitCode: 1, stdoutTail: onStdout });
  expect(report).toMatchObject({ kind: 'failed', diagnosis: { meaning: 'the instance is not built' } });
});

test('§9.10: without SGX devices the doctor says so before anything asks for a quote', async () => {
  const { diagnose } = await import('../../src/index.ts');
  const findings = await diagnose({ simulation: false, machine: { root: tempFolder(), env: {} } });
  const levels = Object.fromEntries(findings.map(({ check, level }) => [check, level]));
  expect(levels).toMatchObject({ 'enclave device': 'problem', 'provision device': 'problem' });
});
