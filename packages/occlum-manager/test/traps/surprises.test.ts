import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { checkImage, diagnose, generateImageKey, occlumConfig, parseOcclumConfig } from '../../src/index.ts';
import { decodeExit } from '../../src/process/exit-report.ts';
import { imageWith } from '../support/image-with.ts';
import { madeOnce } from '../support/made-once.ts';
import { processesWith, until } from '../support/processes.ts';
import { addScript, builtInstance, scriptInstance } from '../support/script-instance.ts';
import { otherKeyFile } from '../support/shared-key.ts';
import { tempFolder } from '../support/temp-folder.ts';

/*
 * Occlum contract §0, one test or more for each surprise. docs/occlum-traps.md says how each is met; those that only
 * hardware or the LibOS can show (3, 4, 5) are explained there.
 */
const demands = { entryPoints: ['/bin'], requirePie: true };
const raw = { exitCode: 0, signal: null, stdoutTail: '', stderrTail: '' };

describe('before a build', () => {
  test('§0.1: a program that is not PIE is found in the image', async () => {
    const root = await imageWith('/bin/sh');
    expect(await checkImage(root, demands)).toEqual([]);
    const program = join(root, 'bin/program');
    const bytes = readFileSync(program);
    // e_type of the ELF header: ET_EXEC.
    bytes.writeUInt16LE(2, 16);
    writeFileSync(program, bytes);
    expect((await checkImage(root, demands)).map(({ kind, severity }) => `${severity} ${kind}`)).toEqual([
      'error not-pie',
    ]);
    expect(await checkImage(root, { ...demands, requirePie: false })).toEqual([]);
  });

  test('§0.2: a script that would fork is warned about', async () => {
    const root = tempFolder();
    mkdirSync(join(root, 'app'));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'app/forks.mjs'), "import { fork } from 'node:child_process';\n");
    writeFileSync(join(root, 'app/clusters.cjs'), "const cluster = require('cluster');\n");
    writeFileSync(join(root, 'app/threads.mjs'), "import { Worker } from 'node:worker_threads';\n");
    const findings = await checkImage(root, demands);
    expect(findings.map(({ path, kind, severity }) => `${severity} ${kind} ${path}`)).toEqual([
      'warning fork /app/clusters.cjs',
      'warning fork /app/forks.mjs',
    ]);
  });

  test('§0.3: Occlum has no demo with Node, so there is a preset, and the doctor looks at the Node that is to run', async () => {
    expect(parseOcclumConfig(occlumConfig({ preset: 'node' })).resource_limits.user_space_size).toBe('3GB');
    const found = await diagnose({ simulation: false, nodePath: '/bin/sh' });
    expect(found.find(({ check }) => check === 'Node.js for the enclave')?.level).toBe('ok');
  });

  test('§0.6: what the genuine check only prints, and exits 0, is an error before any tool runs', async () => {
    const { instance, signKey } = await scriptInstance();
    const good = occlumConfig({ preset: 'native' });
    const bad = { ...good, resource_limits: { ...good.resource_limits, user_space_size: '300' } };
    expect((await thrownBy(() => instance.build({ signKey, config: bad }))).code).toBe('ERR_OCCLUM_CONFIG');
    expect(readdirSync(instance.dir)).not.toContain('build.arguments');
  });

  test('§0.6: with EDMM the limit of threads at start is 4096', async () => {
    const good = occlumConfig({ preset: 'native', feature: { enable_edmm: true } });
    const withThreads = (init_num_of_threads: number) => ({
      ...good,
      resource_limits: { ...good.resource_limits, init_num_of_threads },
    });
    expect(() => parseOcclumConfig(withThreads(4096))).not.toThrow();
    expect((await thrownBy(() => parseOcclumConfig(withThreads(4097)))).code).toBe('ERR_OCCLUM_CONFIG');
  });

  test('§0.11: an instance whose name is the beginning of a neighbour’s is refused, and no name reads as a pattern', async () => {
    const { folder, manager } = await scriptInstance();
    for (const name of ['test.ins', 'test.inst2', 'a+.inst', 'a[b].inst']) {
      expect((await thrownBy(() => manager.createInstance(join(folder, name)))).code).toBe('ERR_OCCLUM_INSTANCE');
    }
    await manager.createInstance(join(folder, 'other.inst'));
  });

  test('§0.13: paths with spaces or shell characters, and image files that break the build, are refused', async () => {
    const { folder, manager } = await scriptInstance();
    for (const name of ['a b.inst', 'a;b.inst', 'ä.inst']) {
      expect((await thrownBy(() => manager.createInstance(join(folder, name)))).code).toBe('ERR_OCCLUM_INSTANCE');
    }
    const root = tempFolder();
    mkdirSync(join(root, 'bin'));
    for (const name of ['a;b', 'a|b', 'a\tb', 'a\nb']) writeFileSync(join(root, name), '');
    const findings = await checkImage(root, demands);
    expect(findings.map(({ kind }) => kind)).toEqual(['name', 'name', 'name', 'name']);
    await generateImageKey(join(folder, 'a key with spaces'));
  });
});

describe('by a build', () => {
  test('§0.6: success of the tool without its artefacts is a failure', async () => {
    const { instance, signKey, fake } = await scriptInstance();
    fake.behave({ build: 'empty' });
    expect((await thrownBy(() => instance.build({ signKey }))).code).toBe('ERR_OCCLUM_BUILD');
    expect(await instance.isBuilt()).toBe(false);
  });

  test('§0.7: what programs had written survives a build with the same signer and files', async () => {
    const { instance, signKey } = await scriptInstance();
    expect((await instance.build({ signKey })).userData).toEqual({ outcome: 'none' });
    writeFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'kept');
    expect((await instance.build({ signKey })).userData).toEqual({ outcome: 'restored' });
    expect(readFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'utf8')).toBe('kept');
  });

  test('§0.7: what another build cannot read is kept aside and named', async () => {
    const { folder, instance } = await builtInstance();
    writeFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'kept');
    const other = otherKeyFile(folder);
    const { userData } = await instance.build({ signKey: other });
    expect(userData.outcome).toBe('kept-aside');
    const place = userData.outcome === 'kept-aside' ? userData.folder : '';
    expect(readFileSync(join(place, 'mount/__ROOT/data'), 'utf8')).toBe('kept');
    writeFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'second');
    addScript(instance, 'new-program', '');
    expect((await instance.build({ signKey: other })).userData.outcome).toBe('kept-aside');
    expect(readFileSync(join(place, 'mount/__ROOT/data'), 'utf8')).toBe('kept');
  });

  test('§0.8: every build is forced, and one signed or encrypted otherwise than asked for is a failure', async () => {
    const { instance, signKey, fake, folder } = await builtInstance();
    const seen = JSON.parse(readFileSync(join(instance.dir, 'build.arguments'), 'utf8'));
    expect(seen.rest).toContain('-f');
    fake.behave({ build: 'other-signer' });
    expect((await thrownBy(() => instance.build({ signKey }))).code).toBe('ERR_OCCLUM_BUILD');
    fake.behave({ build: 'not-encrypted' });
    const file = join(folder, 'image.key');
    await generateImageKey(file);
    const config = occlumConfig({ preset: 'native', allowDebug: true });
    const error = await thrownBy(() =>
      instance.build({ signKey, config, imageKey: { file, delivery: 'allow-built-in' } }),
    );
    expect([error.code, error.message]).toEqual(['ERR_OCCLUM_BUILD', expect.stringContaining('kind of image')]);
  });

  test('§0.8: a file that changed and kept its old date is not overlooked', async () => {
    const { instance, signKey } = await builtInstance();
    const file = join(instance.imageDir, 'bin/sh');
    const { atime, mtime } = statSync(file);
    writeFileSync(file, '#!/bin/sh\nexit 3\n');
    utimesSync(file, atime, mtime);
    await instance.build({ signKey });
    expect((await (await instance.run('/bin/sh')).exited).code).toBe(3);
  });
});

describe('of programs', () => {
  const system = madeOnce((folder) =>
    builtInstance({ exit: 'exit "$1"', tree: 'sleep 600 & sleep 600 & echo ready; wait', sh: '' }, folder),
  );

  test('§0.9: an exit code arrives with 7 bits only', async () => {
    for (const [code, arrives] of [
      [0, 0],
      [1, 1],
      [7, 7],
      [127, 127],
      [128, 0],
      [255, 127],
    ]) {
      const report = await (await system().instance.run('/bin/exit', [String(code)])).exited;
      expect([code, report.kind, report.code]).toEqual([code, 'exited', arrives]);
    }
  });

  test('§0.9: exec tells the code or the signal through its last line', async () => {
    const report = await (await system().instance.exec('/bin/exit', ['7'])).exited;
    expect(report).toMatchObject({ kind: 'exited', code: 7, signal: null });
    const exec = (stderrTail: string) => decodeExit({ ...raw, command: 'exec', exitCode: 1, stderrTail });
    expect(exec('Error: 1792\n')).toMatchObject({ kind: 'exited', code: 7 });
    expect(exec('Error: 5\nof the program\nError: 9\n')).toMatchObject({ kind: 'killed', signal: 'SIGKILL' });
    expect(exec('Error: -1\n')).toMatchObject({ kind: 'failed', code: null });
  });

  test('§0.10: the status file is not believed', async () => {
    const { instance } = system();
    const file = join(instance.dir, '.__occlum_status');
    for (const lie of ['running', 'initialized', 'debugging']) {
      writeFileSync(file, `${lie}\n`);
      expect(await instance.status()).toMatchObject({ built: true, server: null, statusFile: lie });
    }
    writeFileSync(file, 'built\n');
    expect((await (await instance.run('/bin/sh')).exited).code).toBe(0);
  });

  test('§0.12: stopping ends the whole process group, and nothing else', async () => {
    const { instance, folder } = system();
    let ready = false;
    const program = await instance.run('/bin/tree', [], {
      stdout: () => {
        ready = true;
      },
    });
    await until(() => ready, 'the program');
    await program.stop({ graceMs: 1000 });
    expect((await program.exited).kind).toBe('killed');
    expect(processesWith(folder)).toEqual([]);
    expect((await (await instance.run('/bin/sh')).exited).code).toBe(0);
  });

  test('§0.11: a process that only mentions the instance is not taken for its server', async () => {
    const { instance } = system();
    const bystander = spawn('sleep', ['600'], { argv0: `${instance.dir}/build/bin/occlum-run` });
    try {
      expect((await instance.status()).server).toBeNull();
      expect((await (await instance.run('/bin/sh')).exited).code).toBe(0);
      expect(bystander.exitCode).toBeNull();
    } finally {
      bystander.kill('SIGKILL');
    }
  });
});
