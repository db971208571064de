import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSigningKey } from '../support/signing.ts';
import { processesWith, SimWorld, until } from '../support/sim.ts';

/* The traps of the genuine tool (occlum-contract §0) that occlum-sim has, by their numbers there. */

let world: SimWorld;

beforeAll(() => {
  world = new SimWorld();
});
afterAll(() => world.remove());

const env = { OCCLUM_SIM_NO_ROOTFS: '1' };
const steps = ['Building new image...', 'Building the initfs...', 'Building libOS...', 'Signing the enclave...'];
const stepsIn = (stdout: string) => steps.filter((step) => stdout.includes(step));

describe('trap 8: a build without -f', () => {
  let root: string;
  const build = async (...words: string[]) => {
    const result = await world.sim(root, ['build', ...words]);
    expect(result.code).toBe(0);
    return stepsIn(result.stdout);
  };
  const print = async (what: string) => (await world.sim(root, ['print', what])).stdout;

  beforeAll(async () => {
    root = await world.instance('stale');
    expect(await build()).toEqual(steps);
  });

  test('does nothing when nothing was touched, and removes run/ all the same', async () => {
    writeFileSync(join(root, 'run/mount/__ROOT/data'), 'precious');
    expect(await build()).toEqual([]);
    expect(existsSync(join(root, 'run/mount/__ROOT/data'))).toBe(false);
  });

  test('does not notice a file that was dated back, a mode, or a link', async () => {
    const before = await print('mrenclave');
    const file = join(root, 'image/etc/hosts');
    const folder = join(root, 'image/etc');
    const old = new Date('1985-10-26T08:15:00Z');
    writeFileSync(file, 'changed');
    chmodSync(file, 0o600);
    symlinkSync('/bin/sh', join(folder, 'link'));
    for (const path of [file, folder]) utimesSync(path, old, old);
    expect(await build()).toEqual([]);
    expect(await print('mrenclave')).toBe(before);
    expect(await build('-f')).toEqual(steps);
    expect(await print('mrenclave')).not.toBe(before);
  });

  test('builds what depends on what was touched, and no more', async () => {
    const now = new Date();
    utimesSync(join(root, 'Occlum.json'), now, now);
    expect(await build()).toEqual(steps.slice(2));
    utimesSync(join(root, 'initfs/etc/hosts'), now, now);
    expect(await build()).toEqual(steps.slice(1));
    writeFileSync(join(root, 'image/new-file'), '');
    expect(await build()).toEqual([steps[0], ...steps.slice(2)]);
  });

  test('ignores another signing key and another image key, and says that it succeeded', async () => {
    const key = join(world.folder, 'other.pem');
    writeFileSync(key, newSigningKey().export({ type: 'pkcs8', format: 'pem' }));
    const imageKey = join(world.folder, 'image.key');
    expect((await world.sim(world.folder, ['gen-image-key', imageKey])).code).toBe(0);
    const signer = await print('mrsigner');
    expect(await build('--sign-key', key, '--image-key', imageKey)).toEqual([]);
    expect(await print('mrsigner')).toBe(signer);
    expect(readFileSync(join(root, 'build/image_config.json'), 'utf8')).toContain('integrity-only');
    expect(await build('--sign-key', key, '-f')).toEqual(steps);
    expect(await print('mrsigner')).not.toBe(signer);
  });

  test('is a whole one when the mode was changed', async () => {
    expect(await build('--sgx-mode', 'SIM')).toEqual(steps);
    // And the variable wins over the option, whatever it holds.
    const result = await world.sim(root, ['build', '--sgx-mode', 'HW'], { SGX_MODE: 'sim' });
    expect(result.stdout).toContain('SGX mode: sim\n');
    expect(readFileSync(join(root, '.sgx_mode'), 'utf8')).toBe('sim\n');
  });
});

describe('trap 6: a configuration that is found wrong', () => {
  test('is told once, fails at signing, and is not told again', async () => {
    const root = await world.builtInstance('wrong-size');
    const file = join(root, 'Occlum.json');
    const config = readFileSync(file, 'utf8');
    const broken = async (wrong: string) => {
      writeFileSync(file, wrong);
      const first = await world.sim(root, ['build']);
      const second = await world.sim(root, ['build']);
      for (const result of [first, second]) {
        expect(result.code).toBe(2);
        expect(result.stdout).toContain('Signing the enclave...');
        expect(existsSync(join(root, 'run'))).toBe(false);
      }
      return [first.stdout, second.stdout];
    };
    for (const [wrong, line] of [
      [config.replace('"300MB"', '"300"'), 'The user_space_size "300" is not correct.\n'],
      [
        config.replace('"user_space_size":', '"user_space_max_size":"200MB","user_space_size":'),
        'user_space_size: "300MB", user_space_max_size: Some("200MB"), wrong configuration\n',
      ],
      [
        config.replace('"type":"unionfs"', '"type":"sefs"'),
        'Mount configuration invalid: Err("the root UnionFS is not valid")\n',
      ],
    ] as const) {
      expect(wrong).not.toBe(config);
      const [first, second] = await broken(wrong);
      expect(first).toContain(line);
      expect(second).not.toContain(line);
      expect(readFileSync(join(root, 'build/.Occlum_sys.json'), 'utf8')).toBe('');
    }
    // Trap 10: and the status still says what it said before.
    expect(readFileSync(join(root, '.__occlum_status'), 'utf8')).toBe('built\n');
    writeFileSync(file, config);
    expect((await world.sim(root, ['build'])).code).toBe(0);
  });

  test('stops make at once when it cannot be read', async () => {
    const root = await world.instance('unreadable');
    writeFileSync(join(root, 'Occlum.json'), '{');
    const result = await world.sim(root, ['build']);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^It is not a valid Occlum configuration file\..*Error 101\n$/s);
    expect(result.stdout).not.toContain('Signing');
  });
});

describe('trap 7 and 11: what looks like another instance’s process', () => {
  const serve = async (name: string) => {
    const root = await world.builtInstance(name);
    expect((await world.sim(root, ['start'], env)).code).toBe(0);
    return root;
  };

  test('stop in an instance kills the server of one whose path goes on', async () => {
    const short = await world.builtInstance('pre');
    await serve('prefix');
    // It is even taken for this one's own.
    expect((await world.sim(short, ['start'], env)).stdout).toContain('has been started');
    expect(await world.sim(short, ['exec', '/bin/sh'], env)).toMatchObject({ code: 1, stderr: 'Error: -1\n' });
    const stopped = await world.sim(short, ['stop'], { OCCLUM_SIM_STOP_SECONDS: '0.2' });
    expect(stopped.stdout).toContain("timeout to stop the server, let's kill it.");
    await until(() => processesWith(`-d\0${world.folder}`).length === 0);
  });

  test('a process that mentions the launcher’s path blocks run', async () => {
    const root = await world.builtInstance('mentioned');
    const innocent = spawn('sleep', ['608.25'], { argv0: `${root}/build/bin/occlum-run` });
    await until(() => processesWith(`${root}/build/bin/occlum-run`).length > 0);
    expect((await world.sim(root, ['run', '/bin/sh', '-c', 'exit 0'], env)).stdout).toContain('is running');
    innocent.kill('SIGKILL');
    await until(() => processesWith(`${root}/build/bin/occlum-run`).length === 0);
    expect((await world.sim(root, ['run', '/bin/sh', '-c', 'exit 0'], env)).code).toBe(0);
  });

  test('run beside a server is let through, and its file system refuses', async () => {
    const root = await serve('twice');
    const result = await world.sim(root, ['run', '/bin/sh'], env);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('EWOULDBLOCK');
    expect((await world.sim(root, ['stop'])).code).toBe(0);
  });
});

describe('variables left over in the environment', () => {
  test('a stray SECURE_IMAGE_KEY encrypts', async () => {
    const root = await world.instance('stray');
    const key = join(world.folder, 'stray.key');
    await world.sim(world.folder, ['gen-image-key', key]);
    const result = await world.sim(root, ['build'], { SECURE_IMAGE_KEY: key });
    expect(result.stdout).toContain(`Image encryption key: ${key}\n`);
    expect(readFileSync(join(root, 'build/image_config.json'), 'utf8')).toBe('{"image_type": "encrypted"}\n');
  });

  test('ENABLE_EDMM counts in HW mode', async () => {
    const root = await world.instance('edmm');
    const platform = async (mode: string) =>
      (await world.sim(root, ['build', '-f', '--sgx-mode', mode], { ENABLE_EDMM: 'Yes' })).stdout;
    expect(await platform('HW')).toContain('Build on platform WITH EDMM support\n');
    expect(await platform('SIM')).toContain('Build on platform WITHOUT EDMM support\n');
  });
});

test('paths with blanks are refused by new, init and gen-image-key, and make nothing', async () => {
  expect((await world.sim(world.folder, ['new', 'a b'])).code).toBe(1);
  expect((await world.sim(world.folder, ['gen-image-key', 'a b'])).code).toBe(1);
  expect(existsSync(join(world.folder, 'a b'))).toBe(false);
});

test('an instance without image/ has no rule to make it', async () => {
  const root = await world.instance('imageless');
  renameSync(join(root, 'image'), join(root, 'elsewhere'));
  const result = await world.sim(root, ['build']);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("make: *** No rule to make target '");
});
