import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processesWith, SimWorld, until } from '../support/sim.ts';

let world: SimWorld;
let instance: string;

beforeAll(async () => {
  world = new SimWorld();
  instance = await world.builtInstance('faulty');
});
afterAll(() => world.remove());

const faulty = (faults: string, words: string[], cwd = instance) =>
  world.sim(cwd, words, { OCCLUM_SIM_FAULTS: faults, OCCLUM_SIM_NO_ROOTFS: '1' });
const program = ['/bin/sh', '-c', 'echo ran'];

const createError = (status: string, words: string) =>
  `[ERROR] occlum-pal: Failed to create enclave with error code ${status}: ${words} (line 152, file src/pal_enclave.c)\n`;

describe('faults', () => {
  test('are listed, taken from the command line or the environment, and never guessed', async () => {
    const list = await world.sim(world.folder, ['--faults', 'list']);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toContain('enclave-lost[=seconds]');
    expect(await world.sim(instance, ['--faults', 'no-device', 'run', ...program])).toMatchObject({
      code: 1,
      stdout: '',
    });
    for (const result of [
      await world.sim(instance, ['--faults', 'nonsense', 'run']),
      await faulty('nonsense', ['status']),
    ]) {
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('Error: Unknown fault: nonsense');
    }
    expect(await world.sim(instance, ['--faults'])).toMatchObject({
      code: 1,
      stderr: 'Error: Empty fault list provided\n',
    });
  });
});

describe('an enclave that cannot be launched', () => {
  const launchFaults: [string, string][] = [
    ['no-fsgsbase', '[ERROR] occlum-pal: FSGSBASE enablement check failed.\n'],
    [
      'no-device',
      createError(
        '0x2006',
        'Invalid SGX device. Please make sure SGX module is enabled in the BIOS, and install SGX driver afterwards.',
      ),
    ],
    ['out-of-epc', createError('0x2004', 'Out of EPC memory.')],
    ['mode-mismatch', createError('0x200e', 'Unknown SGX error')],
    ['sgx-error=0x2009', createError('0x2009', 'Invalid enclave metadata.')],
    ['init-failed', '[ERROR] occlum-pal: The init process exit with code: 1\n'],
  ];

  test.each(launchFaults)('%s: run and start say so and give 1', async (fault, message) => {
    expect(await faulty(fault, ['run', ...program])).toMatchObject({ code: 1, stdout: '', stderr: message });
    const started = await faulty(fault, ['start']);
    expect(started).toMatchObject({ code: 1, stdout: '' });
    expect(started.stderr).toContain(message.trim());
    expect(started.stderr).toMatch(/^start server failed .*Error: -1\n$/s);
    expect((await world.sim(instance, ['run', '--no-rootfs', ...program])).code).toBe(0);
  });

  test('no-aesm: in HW mode run and start say so on stdout; simulation mode does not ask', async () => {
    for (const words of [['run', ...program], ['start']]) {
      expect(await faulty('no-aesm', words)).toMatchObject({
        code: 1,
        stdout: 'Error: AESM service is not started yet. Need to start it first\n',
      });
    }
    const simulated = await world.builtInstance('simulated', undefined, ['--sgx-mode', 'SIM']);
    expect(await faulty('no-aesm', ['run', ...program], simulated)).toMatchObject({ code: 0, stdout: 'ran\n' });
  });

  test('slow-start: comes up, later', async () => {
    const begin = performance.now();
    expect(await faulty('slow-start=1', ['run', ...program])).toMatchObject({ code: 0, stdout: 'ran\n' });
    expect(performance.now() - begin).toBeGreaterThan(1000);
  });
});

describe('a program that cannot be started', () => {
  test.each([
    [
      'no-process-memory',
      'failed to boot up LibOS: ENOMEM (#12, Cannot allocate memory): failed to create process VM\n',
    ],
    ['out-of-tcs', 'with error code 0x1003: Out of TCS. (line 21, file src/ocalls/spawn.c)\n'],
  ])('%s: run gives 127', async (fault, message) => {
    const result = await faulty(fault, ['run', ...program]);
    expect(result).toMatchObject({ code: 127, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain('occlum-pal');
  });

  test('exec gives -1, and the server goes on', async () => {
    expect((await world.sim(instance, ['start', '--no-rootfs'])).code).toBe(0);
    try {
      const result = await faulty('out-of-tcs', ['exec', ...program]);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/0x1003: Out of TCS\..*\nError: -1\n$/);
      expect(await world.sim(instance, ['exec', ...program])).toMatchObject({ code: 0, stdout: 'ran\n' });
    } finally {
      await world.sim(instance, ['stop']);
    }
  });
});

describe('a lost enclave', () => {
  const lost = 'with error code 0x4: Power transition occurred. (line 21, file src/ocalls/spawn.c)\n';

  test('ends its program: run gives 127', async () => {
    const result = await faulty('enclave-lost=0.5', ['run', '/bin/sleep', '606.25']);
    expect(result).toMatchObject({ code: 127 });
    expect(result.stderr).toContain(lost);
    expect(processesWith('606.25')).toEqual([]);
  });

  test('ends its server and every program in it: exec gives -1', async () => {
    expect((await faulty('enclave-lost=1.5', ['start'])).code).toBe(0);
    expect(await world.sim(instance, ['exec', '/bin/sleep', '607.25'])).toMatchObject({
      code: 1,
      stderr: 'Error: -1\n',
    });
    await until(() => processesWith('607.25').length === 0);
    await until(() => processesWith(`-d\0${instance}`).length === 0);
    expect((await world.sim(instance, ['exec', ...program])).stdout).toContain('has not been started');
  });
});

describe('a server that does not end', () => {
  test('stop-hangs: is killed after the patience of the script', async () => {
    expect((await faulty('stop-hangs', ['start'])).code).toBe(0);
    const stopped = await world.sim(instance, ['stop'], { OCCLUM_SIM_STOP_SECONDS: '1' });
    expect(stopped).toMatchObject({
      code: 0,
      stdout: "server is stopping.\nError: timeout to stop the server, let's kill it.\nserver stopped.\n",
    });
    await until(() => processesWith(`-d\0${world.folder}`).length === 0);
  });
});

describe('a build that fails on the way', () => {
  test.each(['image', 'initfs', 'libos', 'sign'])(
    'killed at the step %s leaves nothing that counts as built',
    async (step) => {
      const root = await world.instance(`killed-${step}`);
      expect(await faulty(`build-killed=${step}`, ['build', '-f'], root)).toMatchObject({ signal: 'SIGKILL' });
      expect(existsSync(join(root, 'run'))).toBe(false);
      expect((await faulty('', ['run', ...program], root)).stdout).toContain('are not built yet');
      // Not even without -f does the next build take the half for the whole.
      expect((await world.sim(root, ['build'])).code).toBe(0);
      expect(await faulty('', ['run', ...program], root)).toMatchObject({ code: 0, stdout: 'ran\n' });
    },
  );

  test('out of memory is make’s Error 137 and exit code 2', async () => {
    const root = await world.instance('memory');
    const result = await faulty('build-out-of-memory=initfs', ['build', '-f'], root);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toMatch(/^Killed\nmake: \*\*\* \[.*build\/initfs\/__ROOT\] Error 137\n$/);
  });

  test('a full disk is told, and leaves nothing that counts as built', async () => {
    const root = await world.builtInstance('full');
    const result = await faulty('disk-full=libos', ['build', '-f'], root);
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('No space left on device');
    // The status of a failed rebuild lies; the instance is not built.
    expect(readFileSync(join(root, '.__occlum_status'), 'utf8')).toBe('built\n');
    expect((await faulty('', ['run', ...program], root)).stdout).toContain('are not built yet');
  });
});

test('init-libraries: a failed new leaves an instance without Occlum.json that init refuses', async () => {
  expect(await faulty('init-libraries', ['new', 'half'], world.folder)).toMatchObject({ code: 1, stdout: '' });
  const half = join(world.folder, 'half');
  expect(readFileSync(join(half, '.__occlum_status'), 'utf8')).toBe('initialized\n');
  expect(readdirSync(half)).not.toContain('Occlum.json');
  expect((await world.sim(half, ['init'])).stdout).toContain('has been initialized as an Occlum instance');
});
