import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitProgram } from '../../src/cli/arguments.ts';
import { cliEnvironment, runCli } from '../support/cli.ts';

let home: string;
let dir: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-instance-'));
  dir = join(home, 'tool.inst');
});
afterAll(async () => {
  await run('instance', 'stop', dir);
  await rm(home, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(args, cliEnvironment(home));
const json = async (...args: string[]) => {
  const { exitCode, stdout } = await run(...args, '--json');
  return { exitCode, document: JSON.parse(stdout) };
};

describe('neo-tee instance', () => {
  it('makes, builds and runs an instance of a program of this machine, without a line of code', async () => {
    expect((await json('instance', 'new', dir)).document).toMatchObject({ ok: true, preset: 'native' });
    expect(await json('instance', 'status', dir)).toMatchObject({ exitCode: 2, document: { ok: false, built: false } });

    const built = await json('instance', 'build', dir, '--program', '/usr/bin/sha256sum');
    expect(built.document).toMatchObject({ ok: true, mrEnclave: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const { mrEnclave } = built.document;
    expect(await json('instance', 'status', dir)).toMatchObject({ exitCode: 0, document: { build: { mrEnclave } } });

    const sum = await run('instance', 'run', dir, '/bin/sha256sum', '/bin/sha256sum');
    expect(sum.exitCode).toBe(0);
    const inventory = await json('instance', 'inspect', dir);
    const program = inventory.document.entries.find(({ path }: { path: string }) => path.endsWith('/sha256sum'));
    expect(sum.stdout).toContain(program.sha256);
  });

  it('tells how a program ended: 2 when it failed, 1 when there was none', async () => {
    const failed = await run('instance', 'run', '--json', dir, '/bin/sha256sum', '/missing');
    expect(failed.exitCode).toBe(2);
    expect(JSON.parse(failed.stdout)).toMatchObject({ ok: false, kind: 'exited', code: 1 });
    const none = await run('instance', 'run', '--json', dir, '/bin/missing');
    expect(none.exitCode).toBe(1);
    expect(JSON.parse(none.stdout).error.code).toMatch(/^ERR_/);
  });

  it('shows what a failure looks like that the simulator is told to have', async () => {
    const env = { ...cliEnvironment(home), OCCLUM_SIM_FAULTS: 'no-device' };
    const { exitCode, stdout } = await runCli(['instance', 'run', '--json', dir, '/bin/sha256sum', '/etc/hosts'], env);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'failed',
      diagnosis: { meaning: expect.stringMatching(/device/) },
    });
  });

  it('runs programs in a started enclave, and ends it', async () => {
    expect((await run('instance', 'start', dir)).exitCode).toBe(0);
    const help = await run('instance', 'exec', dir, '/bin/sha256sum', '--', '--help');
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toContain('sha256sum [OPTION]');
    expect(await json('instance', 'stop', dir)).toMatchObject({ exitCode: 0, document: { wasRunning: true } });
    expect((await json('instance', 'stop', dir)).document).toMatchObject({ wasRunning: false });
  });

  it('packages a simulated instance only when told that it protects nothing', async () => {
    const refused = await json('instance', 'package', dir);
    expect(refused).toMatchObject({ exitCode: 1, document: { error: { code: 'ERR_OCCLUM_PACKAGE' } } });
  });

  it('refuses what is no instance, and a bom that names what is not there', async () => {
    expect((await json('instance', 'status', home)).document.error.code).toBe('ERR_OCCLUM_INSTANCE');
    const bom = join(home, 'bom.yaml');
    await writeFile(bom, 'targets:\n  - target: /bin\n    copy:\n      - files: [/nowhere/x]\n');
    const { exitCode, document } = await json('instance', 'build', dir, '--bom', bom);
    expect(exitCode).toBe(1);
    expect(document.error.code).toMatch(/^ERR_OCCLUM_(BOM|IMAGE)$/);
    // What was built before is still there.
    expect((await json('instance', 'status', dir)).exitCode).toBe(0);
  });
});

describe('neo-tee doctor', () => {
  it('says what is there, and for everything else what to do', async () => {
    const { exitCode, document } = await json('doctor');
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ ok: true, mode: 'simulation', problems: 0 });
    for (const { level, next } of document.findings) expect(next === null).toBe(level === 'ok');
  });

  it('says no on a machine without SGX, with a next step for each problem', async () => {
    const { exitCode, stdout } = await runCli(['doctor'], { ...cliEnvironment(home), OCCLUM_SIMULATION: '0' });
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/PROBLEM {2}occlum: .*\n\s+-> /);
  });
});

describe('a command line that ends with another program’s', () => {
  it('is split after the program, options of ours before it', () => {
    const kinds = { env: 'list', fast: 'flag' } as const;
    const split = (line: string) => splitProgram(line.split(' '), kinds, 2);
    expect(split('--env A=1 dir prog --env x')).toEqual({ own: ['--env', 'A=1', 'dir', 'prog'], rest: ['--env', 'x'] });
    expect(split('--fast dir prog -- --json')).toEqual({ own: ['--fast', 'dir', 'prog'], rest: ['--json'] });
    expect(split('dir --env=A=1 prog')).toEqual({ own: ['dir', '--env=A=1', 'prog'], rest: [] });
    expect(split('dir')).toEqual({ own: ['dir'], rest: [] });
  });
});
