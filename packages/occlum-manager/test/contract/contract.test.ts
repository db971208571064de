import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { occlumConfig, readSigningKey } from '../../src/index.ts';
import { processesWith, until } from '../support/processes.ts';
import { shell, systemInstance } from '../support/system-instance.ts';

/*
 * What the manager relies on, of an occlum that is really there: occlum-sim, or the one that OCCLUM_BIN names
 * (`npm run test:contract`). Nothing here needs what the genuine tool lacks.
 */
const genuine = process.env['OCCLUM_BIN'] !== undefined;
const unshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);
const ready = requireOrSkip(
  genuine || unshare.status === 0,
  'user namespaces (util-linux, and a kernel that allows them)',
);

describe.skipIf(!ready)('occlum (needs user namespaces when simulated)', () => {
  test('makes an instance with a configuration, an image and a status', async () => {
    const { instance } = await systemInstance();
    for (const name of ['.__occlum_status', 'Occlum.json', 'image', 'initfs']) {
      expect(existsSync(join(instance.dir, name))).toBe(true);
    }
    expect(await instance.status()).toMatchObject({ built: false, server: null, statusFile: 'initialized' });
  });

  test('builds what is asked for, and prints its measurements', async () => {
    const { instance, build, signKey } = await systemInstance();
    const { mrEnclave, mrSigner } = await build();
    expect(mrSigner).toBe((await readSigningKey(signKey)).mrSigner);
    expect(await instance.measurements()).toEqual({ mrEnclave, mrSigner });
    expect(await instance.status()).toMatchObject({ built: true, statusFile: 'built', build: { mrEnclave } });
  });

  test('measures the same image and configuration the same in another folder, and a changed one otherwise', async () => {
    const [one, two] = [await (await systemInstance()).build(), await (await systemInstance()).build()];
    const debug = await (await systemInstance({ allowDebug: true })).build();
    expect(two.mrEnclave).toBe(one.mrEnclave);
    expect(debug.mrEnclave).not.toBe(one.mrEnclave);
  });

  test('runs a program with the image as its root and the measured environment', async () => {
    const { instance, build } = await systemInstance({ env: { MEASURED: 'yes' } });
    await build();
    const line = `echo "$MEASURED $GREETING \${HOME-none}"; echo bad >&2; test -e /usr/bin/env && exit 9; exit 3`;
    const report = await shell(instance, line, { GREETING: 'ahoy' });
    expect(report).toMatchObject({ kind: 'exited', code: 3, stdoutTail: 'yes ahoy none\n' });
    expect(report.stderrTail).toContain('bad');
  });

  test('trap 9: tells exit codes with 7 bits, and the signal a program died of', async () => {
    const { instance, build } = await systemInstance();
    await build();
    for (const [given, arrives] of [
      [0, 0],
      [7, 7],
      [128, 0],
      [255, 127],
    ] as const) {
      expect((await shell(instance, `exit ${given}`)).code).toBe(arrives);
    }
    expect(await shell(instance, 'kill -9 $$')).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
  });

  test('keeps what programs write, over runs and over a build with the same signer and files', async () => {
    const { instance, build } = await systemInstance();
    await build();
    await shell(instance, 'echo kept > /root/data');
    expect((await shell(instance, 'read line < /root/data; echo "$line"')).stdoutTail).toBe('kept\n');
    expect((await build()).userData).toEqual({ outcome: 'restored' });
    expect((await shell(instance, 'read line < /root/data; echo "$line"')).stdoutTail).toBe('kept\n');
  });

  test('trap 10: after a failing program its status file lies, and the instance is usable all the same', async () => {
    const { instance, build } = await systemInstance();
    await build();
    await shell(instance, 'exit 5');
    expect(await instance.status()).toMatchObject({ built: true, statusFile: 'running' });
    expect((await shell(instance, 'exit 0')).code).toBe(0);
  });

  test('refuses by itself what is no entry point', async () => {
    const { instance, build, manager, folder } = await systemInstance({ entryPoints: ['/bin/sh'] });
    await build();
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
    const { instance, build } = await systemInstance();
    await build();
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
    const { instance, build, signKey } = await systemInstance();
    await build();
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
    const { instance, build, signKey } = await systemInstance();
    const { mrEnclave } = await build();
    const file = join(instance.dir, 'Occlum.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"300MB"', '"300"'));
    expect((await thrownBy(() => instance.build({ signKey }))).code).toBe('ERR_OCCLUM_CONFIG');
    expect((await thrownBy(() => instance.run('/bin/sh'))).code).toBe('ERR_OCCLUM_CONFIG');
    writeFileSync(file, text);
    expect((await instance.measurements()).mrEnclave).toBe(mrEnclave);
    expect(await instance.readConfig()).toEqual(occlumConfig({ preset: 'native', untrustedEnv: ['GREETING'] }));
  });
});
