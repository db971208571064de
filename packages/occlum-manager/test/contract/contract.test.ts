import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { generateImageKey, occlumConfig, readSigningKey } from '../../src/index.ts';
import { madeOnce } from '../support/made-once.ts';
import { processesWith, until } from '../support/processes.ts';
import { canRun, shell, systemInstance } from '../support/system-instance.ts';

/*
 * What the manager relies on, of an occlum that is really there: occlum-sim, or the one that OCCLUM_BIN names
 * (`npm run test:contract`). Nothing here needs what the genuine tool lacks.
 */
describe.skipIf(!canRun)('occlum (needs user namespaces when simulated)', () => {
  /** The tests share one built instance and leave it as they found it. */
  const system = madeOnce(async (folder) => {
    const made = await systemInstance({ folder, entryPoints: ['/bin/sh'], env: { MEASURED: 'yes' } });
    const before = await made.instance.status();
    return { ...made, before, result: await made.build() };
  });

  test('makes an instance with a configuration, an image and a status', () => {
    const { instance, before } = system();
    for (const name of ['.__occlum_status', 'Occlum.json', 'image', 'initfs']) {
      expect(existsSync(join(instance.dir, name))).toBe(true);
    }
    expect(before).toMatchObject({ built: false, server: null, statusFile: 'initialized' });
  });

  test('builds what is asked for, and prints its measurements', async () => {
    const { instance, result, signKey } = system();
    const { mrEnclave, mrSigner } = result;
    expect(mrSigner).toBe((await readSigningKey(signKey)).mrSigner);
    expect(await instance.measurements()).toEqual({ mrEnclave, mrSigner });
    expect(await instance.status()).toMatchObject({ built: true, build: { mrEnclave } });
  });

  test('§7 #944: measures the same image and configuration the same in another folder, and a changed one otherwise', async () => {
    const { result } = system();
    const same = await systemInstance({ entryPoints: ['/bin/sh'], env: { MEASURED: 'yes' } });
    expect((await same.build()).mrEnclave).toBe(result.mrEnclave);
    const config = await same.instance.readConfig();
    const debug = await same.instance.build({
      signKey: same.signKey,
      config: { ...config, metadata: { ...config.metadata, debuggable: true } },
    });
    expect(debug.mrEnclave).not.toBe(result.mrEnclave);
  });

  test('runs a program with the image as its root and the measured environment', async () => {
    const line = `echo "$MEASURED $GREETING \${HOME-none}"; echo bad >&2; test -e /usr/bin/env && exit 9; exit 3`;
    const report = await shell(system().instance, line, { GREETING: 'ahoy' });
    expect(report).toMatchObject({ kind: 'exited', code: 3, stdoutTail: 'yes ahoy none\n' });
    expect(report.stderrTail).toContain('bad');
  });

  test('§0.9: tells exit codes with 7 bits, and the signal a program died of', async () => {
    for (const [given, arrives] of [
      [7, 7],
      [128, 0],
      [255, 127],
    ] as const) {
      expect((await shell(system().instance, `exit ${given}`)).code).toBe(arrives);
    }
    expect(await shell(system().instance, 'kill -9 $$')).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
  });

  test('§0.10: after a failing program its status file lies, and the instance is usable all the same', async () => {
    const { instance } = system();
    await shell(instance, 'exit 5');
    expect(await instance.status()).toMatchObject({ built: true, statusFile: 'running' });
    expect((await shell(instance, 'exit 0')).code).toBe(0);
    expect(await instance.status()).toMatchObject({ built: true, statusFile: 'built' });
  });

  test('§0.7: keeps what programs write, over runs and over a build with the same signer and files', async () => {
    const { instance, build } = system();
    await shell(instance, 'echo kept > /root/data');
    expect((await shell(instance, 'read line < /root/data; echo "$line"')).stdoutTail).toBe('kept\n');
    expect((await build()).userData).toEqual({ outcome: 'restored' });
    expect((await shell(instance, 'read line < /root/data; echo "$line"')).stdoutTail).toBe('kept\n');
  });

  test('refuses by itself what is no entry point', () => {
    const { instance, manager, folder } = system();
    const script = manager.executable.endsWith('.js');
    const [file, first] = script ? [process.execPath, [manager.executable]] : [manager.executable, []];
    const around = spawnSync(file, [...first, 'run', '/lib64/ld-linux-x86-64.so.2', '/bin/sh'], {
      cwd: instance.dir,
      encoding: 'utf8',
      env: { ...process.env, OCCLUM_SIM_PLATFORM: join(folder, 'platform') },
    });
    expect(around.status).toBe(127);
    expect(around.stderr).toContain('program path is NOT a valid entry point');
  });

  test('ends with its program when it is stopped', async () => {
    const { instance } = system();
    let started = false;
    const program = await instance.run('/bin/sh', ['-c', 'echo up; while :; do :; done'], {
      stdout: () => {
        started = true;
      },
    });
    await until(() => started, 'the program');
    await program.stop({ graceMs: 2000 });
    expect((await program.exited).kind).toBe('killed');
    await until(() => processesWith(instance.dir).length === 0, 'the end of all processes');
    expect((await shell(instance, 'exit 0')).code).toBe(0);
  });

  test('serves several programs at once between start and stop', async () => {
    const { instance, signKey } = system();
    await instance.start();
    try {
      expect((await instance.status()).server).not.toBeNull();
      expect((await thrownBy(() => instance.start())).code).toBe('ERR_OCCLUM_LOCKED');
      expect((await thrownBy(() => instance.run('/bin/sh'))).code).toBe('ERR_OCCLUM_LOCKED');
      expect((await thrownBy(() => instance.build({ signKey }))).code).toBe('ERR_OCCLUM_LOCKED');
      const exec = async (line: string) => (await instance.exec('/bin/sh', ['-c', line])).exited;
      const reports = await Promise.all([exec('exit 7'), exec('echo two'), exec('kill -9 $$')]);
      expect(reports[0]).toMatchObject({ kind: 'exited', code: 7 });
      expect(reports[1]).toMatchObject({ kind: 'exited', code: 0, stdoutTail: 'two\n' });
      expect(reports[2]).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
    } finally {
      await instance.stop();
    }
    expect((await instance.status()).server).toBeNull();
    await instance.stop();
  });

  test('does not build over a configuration that was damaged by hand', async () => {
    const { instance, signKey, result } = system();
    const file = join(instance.dir, 'Occlum.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"300MB"', '"300"'));
    expect((await thrownBy(() => instance.build({ signKey }))).code).toBe('ERR_OCCLUM_CONFIG');
    expect((await thrownBy(() => instance.run('/bin/sh'))).code).toBe('ERR_OCCLUM_CONFIG');
    writeFileSync(file, text);
    expect((await instance.measurements()).mrEnclave).toBe(result.mrEnclave);
  });

  test('§7 #1579: runs an encrypted image with its key within, for a test, and packs it by name', async () => {
    const { instance, signKey, folder, fillImage } = await systemInstance();
    const file = join(folder, 'image.key');
    await generateImageKey(file);
    const config = occlumConfig({ preset: 'native', allowDebug: true });
    await instance.build({ signKey, config, fillImage, imageKey: { file, delivery: 'allow-built-in' } });
    expect((await instance.status()).build?.imageType).toBe('encrypted');
    expect(await shell(instance, 'echo decrypted; exit 6')).toMatchObject({ code: 6, stdoutTail: 'decrypted\n' });
    expect((await thrownBy(() => instance.package())).code).toBe('ERR_OCCLUM_PACKAGE');
    const packaged = await instance.package({ allowDebug: true, allowSimulation: true });
    expect(packaged.bytes).toBe(readFileSync(packaged.file).length);
  });
});
