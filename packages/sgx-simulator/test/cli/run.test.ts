import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processesRunning, processesWith, SimWorld, until, userNamespacesWork } from '../support/sim.ts';

let world: SimWorld;
let instance: string;

beforeAll(async () => {
  world = new SimWorld();
  instance = await world.builtInstance('runs', (config) => ({
    ...config,
    env: { default: ['OCCLUM=yes', 'SET=default'], untrusted: ['EXAMPLE', 'SET'] },
  }));
});
afterAll(() => world.remove());

const rooted = requireOrSkip(userNamespacesWork(), 'user namespaces');
// Un-rooted programs carry their host path.
const isSleeping = (time: string) => processesRunning('sleep', time).length > 0;
const leftovers = () => readdirSync(world.folder).filter((name) => name.startsWith('occlum-sim-'));

describe.each([
  { mode: 'rooted', flags: [] as string[], skip: !rooted },
  { mode: 'un-rooted', flags: ['--no-rootfs'], skip: false },
])('run, $mode', ({ mode, flags, skip }) => {
  const run = (script: string, env: Record<string, string> = {}) =>
    world.sim(instance, ['run', ...flags, '/bin/sh', '-c', script], env);

  test.skipIf(skip).each([
    [7, 7],
    [128, 0],
    [255, 127],
  ])('a program that exits %i gives %i', async (code, expected) => {
    expect(await run(`exit ${code}`)).toMatchObject({ code: expected, signal: null, stderr: '' });
  });

  test.skipIf(skip).each([
    ['TERM', 143],
    ['KILL', 137],
  ])('a program that dies of SIG%s gives %i', async (name, expected) => {
    expect((await run(`kill -${name} $$`)).code).toBe(expected);
  });

  test.skipIf(skip)('standard input and output are the caller’s', async () => {
    const child = world.spawn(instance, ['run', ...flags, '/bin/cat'], {}, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stdin?.end('through and through');
    await new Promise((resolve) => child.once('close', resolve));
    expect(output).toBe('through and through');
  });

  test.skipIf(skip)('the environment is what Occlum.json allows, and nothing else', async () => {
    const host = { EXAMPLE: 'named', SECRET: 'not named', SET: 'from host', HOME: '/root', LD_PRELOAD: '' };
    const { stdout } = await world.sim(instance, ['run', ...flags, '/bin/env'], host);
    const names = stdout
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('OCCLUM_SIM_'));
    expect(names.sort((a, b) => (a < b ? -1 : 1))).toEqual(['EXAMPLE=named', 'OCCLUM=yes', 'SET=from host']);
    expect(stdout).toContain(`OCCLUM_SIM_ROOTFS=${mode === 'rooted' ? 'image' : 'none'}`);
    const without = await world.sim(instance, ['run', ...flags, '/bin/env']);
    expect(without.stdout).toContain('SET=default\n');
  });

  test.skipIf(skip)('the status is built after success, and stays running after failure', async () => {
    await run('exit 3');
    expect(readFileSync(join(instance, '.__occlum_status'), 'utf8')).toBe('running\n');
    await run('exit 0');
    expect(readFileSync(join(instance, '.__occlum_status'), 'utf8')).toBe('built\n');
  });

  test.skipIf(skip)('a second run of the instance waits its turn', async () => {
    const first = world.spawn(instance, ['run', ...flags, '/bin/sleep', '600.25'], {}, { stdio: 'ignore' });
    await until(() => isSleeping('600.25'));
    expect(await run('exit 0')).toMatchObject({
      code: 1,
      stdout:
        'Error: the process of current Occlum instance is running. Need to wait for the process to finish or kill it first.\n',
    });
    first.kill('SIGKILL');
    await until(() => processesWith('600.25').length === 0);
    expect((await run('exit 0')).code).toBe(0);
  });

  test.skipIf(skip).each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    '%s to occlum-sim leaves no process and no file behind',
    async (signal) => {
      // It ignores what it can, and has a child of its own.
      const script = 'trap "" TERM INT HUP; /bin/sleep 601.25 & /bin/sleep 601.25';
      const child = world.spawn(instance, ['run', ...flags, '/bin/sh', '-c', script], {}, { stdio: 'ignore' });
      const exit = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, cause) => resolve(cause)));
      await until(() => isSleeping('601.25'));
      child.kill(signal);
      expect(await exit).toBe(signal);
      await until(() => processesWith('601.25').length === 0 && processesWith(world.folder).length === 0, 3000);
      expect(await run('exit 0')).toMatchObject({ code: 0, stdout: '', stderr: '' });
      expect(leftovers()).toEqual([]);
    },
  );

  test.skipIf(skip)('the death of occlum-sim’s parent ends the program within a second or so', async () => {
    const script = `"${process.execPath}" "$0" "$@" & echo started; read -r line`;
    const words = ['run', ...flags, '/bin/sleep', '602.25'];
    const parent = world.spawnShell(instance, script, words);
    await until(() => isSleeping('602.25'));
    parent.kill('SIGKILL');
    await until(() => processesWith('602.25').length === 0, 3000);
    await until(() => leftovers().length === 0, 1000);
  });
});

describe('a program that Occlum would not start', () => {
  test('is refused with the launcher’s words', async () => {
    for (const [program, words] of [
      ['/etc/hosts', 'EACCES (#13, Permission denied): program path is NOT a valid entry point'],
      ['/binary', 'program path is NOT a valid entry point'],
      ['bin/sh', 'EINVAL (#22, Invalid argument): program path must be absolute'],
      ['/bin/../bin/sh', 'program path cannot contain any parent component (i.e., "..")'],
      ['/bin/none', 'ENOENT (#2, No such file or directory): EntryNotFound'],
    ] as const) {
      const result = await world.sim(instance, ['run', '--no-rootfs', program]);
      expect(result.code, program).toBe(127);
      expect(result.stderr).toContain(words);
    }
    expect(await world.sim(instance, ['run', '--no-rootfs'])).toMatchObject({
      code: 1,
      stderr: '[ERROR] occlum-run: at least one argument must be provided\n',
    });
  });
});

describe.skipIf(!rooted)('a rooted program', () => {
  const run = (script: string) => world.sim(instance, ['run', '/bin/sh', '-c', script]);

  test('sees the image as its root and nothing of the host', async () => {
    const { stdout } = await run('for f in /*; do echo "$f"; done; echo $$; [ -S /dev/sgx ] && echo device');
    expect(stdout).toContain('/bin\n');
    expect(stdout).not.toContain('/usr\n');
    expect(stdout).not.toContain('/home\n');
    expect(stdout).toContain('device\n');
    const outside = await run('for f in /proc/1/root/* /../../../*; do echo "$f"; done');
    expect(outside.stdout).not.toMatch(/\/usr|\/home|\/var/);
  });

  test('keeps what it writes between runs, and not in the image', async () => {
    expect((await run('echo kept > /root/note')).code).toBe(0);
    expect(await run('while read -r line; do echo "$line"; done < /root/note')).toMatchObject({ stdout: 'kept\n' });
    expect(existsSync(join(instance, 'build/mount/__ROOT/root/note'))).toBe(false);
    expect(existsSync(join(instance, 'run/mount/__ROOT/root/note'))).toBe(true);
  });

  test('sees the instance folder at /host, as the template says', async () => {
    expect((await run('[ -f /host/Occlum.json ] && echo there')).stdout).toBe('there\n');
  });
});

describe('a built image', () => {
  test('that was changed is refused, with the changed path', async () => {
    const root = await world.builtInstance('tampered');
    const file = join(root, 'build/mount/__ROOT/etc/hosts');
    const original = readFileSync(file);
    appendFileSync(file, '#');
    const changed = await world.sim(root, ['run', '--no-rootfs', '/bin/env']);
    expect(changed).toMatchObject({ code: 1, stdout: '' });
    expect(changed.stderr).toContain('Failed to create enclave with error code 0x2000');
    expect(changed.stderr).toContain('/etc/hosts');
    writeFileSync(file, original);
    expect((await world.sim(root, ['run', '--no-rootfs', '/bin/env'])).code).toBe(0);
    chmodSync(file, 0o755);
    expect((await world.sim(root, ['run', '--no-rootfs', '/bin/env'])).code).toBe(1);
    chmodSync(file, 0o644);
    writeFileSync(join(root, 'build/mount/__ROOT/bin/extra'), 'x', { mode: 0o755 });
    expect((await world.sim(root, ['run', '--no-rootfs', '/bin/env'])).stderr).toContain('/bin/extra');
    rmSync(join(root, 'build/mount/__ROOT/bin/extra'));
    expect((await world.sim(root, ['run', '--no-rootfs', '/bin/env'])).code).toBe(0);
  });

  test('whose manifest was changed along with it no longer fits the signature', async () => {
    const root = await world.builtInstance('forged');
    const record = join(root, 'build/.Occlum_sys.json.protected');
    const text = readFileSync(record, 'utf8');
    for (const forged of [text.replace('OCCLUM=yes', 'OCCLUM=NO!'), text.replace('"/bin"', '"/"'), '{}', 'null', 'x']) {
      writeFileSync(record, forged);
      const result = await world.sim(root, ['run', '--no-rootfs', '/bin/env']);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('Failed to create enclave');
    }
    rmSync(join(root, 'build/lib/libocclum-libos.signed.so'));
    expect((await world.sim(root, ['run', '--no-rootfs', '/bin/env'])).code).toBe(1);
  });
});
