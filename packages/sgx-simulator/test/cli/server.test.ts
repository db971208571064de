import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { processesRunning, processesWith, SimWorld, until, userNamespacesWork } from '../support/sim.ts';

let world: SimWorld;
let instance: string;

beforeAll(async () => {
  world = new SimWorld();
  instance = await world.builtInstance('served');
});
afterEach(() => world.sim(instance, ['stop']));
afterAll(() => world.remove());

const rooted = requireOrSkip(userNamespacesWork(), 'user namespaces');

const isSleeping = (time: string) => processesRunning('sleep', time).length > 0;

describe.each([
  { mode: 'rooted', flags: [] as string[], skip: !rooted },
  { mode: 'un-rooted', flags: ['--no-rootfs'], skip: false },
])('start, exec and stop, $mode', ({ flags, skip }) => {
  const exec = (script: string, env: Record<string, string> = {}) =>
    world.sim(instance, ['exec', '/bin/sh', '-c', script], env);

  test.skipIf(skip)('serve programs until stopped, each with the environment of its caller', async () => {
    expect(await world.sim(instance, ['start', ...flags])).toMatchObject({ code: 0, stdout: 'server is running.\n' });
    expect(await exec('echo $EXAMPLE', { EXAMPLE: 'first' })).toMatchObject({ code: 0, stdout: 'first\n', stderr: '' });
    expect(await exec('echo $EXAMPLE', { EXAMPLE: 'second' })).toMatchObject({ stdout: 'second\n' });
    expect(await world.sim(instance, ['start'])).toMatchObject({
      code: 1,
      stdout: 'Error: the server of current Occlum instance has been started.\n',
    });
    const running = await world.sim(instance, ['run', '/bin/env']);
    expect(running.code).toBe(1);
    expect(await world.sim(instance, ['stop'])).toMatchObject({
      code: 0,
      stdout: 'server is stopping.\nserver stopped.\n',
    });
    expect(existsSync(join(instance, 'run/occlum_exec.sock'))).toBe(false);
    for (const command of ['exec', 'stop']) {
      expect(await world.sim(instance, [command, '/bin/env'])).toMatchObject({
        code: 1,
        stdout: 'Error: the server of current Occlum instance has not been started.\n',
      });
    }
    expect(readFileSync(join(instance, '.__occlum_status'), 'utf8')).toBe('built\n');
    await until(() => processesWith(`-d\0${world.folder}`).length === 0);
  });

  test.skipIf(skip)('exec tells a failure as a wait status, and a refused program as -1', async () => {
    await world.sim(instance, ['start', ...flags]);
    expect(await exec('exit 7')).toMatchObject({ code: 1, stderr: 'Error: 1792\n' });
    expect(await exec('kill -TERM $$')).toMatchObject({ code: 1, stderr: 'Error: 15\n' });
    const refused = await world.sim(instance, ['exec', '/etc/hosts']);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr.endsWith('Error: -1\n')).toBe(true);
  });

  test.skipIf(skip)('several programs run at once', async () => {
    await world.sim(instance, ['start', ...flags]);
    const results = await Promise.all([1, 2, 3, 4].map((number) => exec(`/bin/sleep 0.2; echo ${number}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n', '4\n']);
  });

  test.skipIf(skip)('a client that is killed takes its program with it, and the server goes on', async () => {
    await world.sim(instance, ['start', ...flags]);
    for (const [signal, marker] of [
      ['SIGKILL', '603.25'],
      ['SIGTERM', '603.50'],
    ] as const) {
      const client = world.spawn(instance, ['exec', '/bin/sleep', marker], {}, { stdio: 'ignore' });
      await until(() => isSleeping(marker));
      // The program is known to the server a moment after it runs.
      await new Promise((resolve) => setTimeout(resolve, 100));
      client.kill(signal);
      await until(() => processesWith(marker).length === 0);
    }
    expect((await exec('exit 0')).code).toBe(0);
  });

  test.skipIf(skip)('stop ends programs that ignore every signal', async () => {
    await world.sim(instance, ['start', ...flags]);
    const client = world.sim(instance, [
      'exec',
      '/bin/sh',
      '-c',
      'trap "" TERM INT; while :; do /bin/sleep 604.25; done',
    ]);
    await until(() => isSleeping('604.25'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await world.sim(instance, ['stop'])).code).toBe(0);
    expect((await client).code).toBe(1);
    await until(() => processesWith('604.25').length === 0);
  });

  test.skipIf(skip)('a server that was killed is replaced, and its programs are gone', async () => {
    await world.sim(instance, ['start', ...flags]);
    const client = world.sim(instance, ['exec', '/bin/sleep', '605.25']);
    await until(() => isSleeping('605.25'));
    for (const pid of processesWith(`-d\0${world.folder}`)) process.kill(pid, 'SIGKILL');
    expect(await client).toMatchObject({ code: 1, stderr: 'Error: -1\n' });
    await until(() => processesWith('605.25').length === 0);
    expect(await world.sim(instance, ['start', ...flags])).toMatchObject({ code: 0, stdout: 'server is running.\n' });
    expect((await exec('exit 0')).code).toBe(0);
  });
});
