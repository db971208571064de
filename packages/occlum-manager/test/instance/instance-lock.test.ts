import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';
import { takeLock } from '../../src/instance/instance-lock.ts';
import { processIdentity, processState } from '../../src/process/process-identity.ts';
import { until } from '../support/processes.ts';
import { tempFolder } from '../support/temp-folder.ts';

const built = fileURLToPath(new URL('../../dist/instance/instance-lock.js', import.meta.url));

/** A process that takes the lock, starts a child of its own group, notes it, and waits. */
async function holder(folder: string): Promise<{ pid: number; child: number; kill(): void }> {
  const code = `
    import { spawn } from 'node:child_process';
    import { takeLock } from ${JSON.stringify(built)};
    const lock = await takeLock(${JSON.stringify(folder)}, 'test');
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    await lock.ownsGroup(child.pid);
    console.log(child.pid);
    setInterval(() => {}, 1000);
  `;
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const child = await new Promise<number>((resolve) => process_.stdout.once('data', (text) => resolve(Number(text))));
  const pid = process_.pid ?? 0;
  return { pid, child, kill: () => process.kill(pid, 'SIGKILL') };
}

test('one holds it at a time; a waiting one gets it', async () => {
  const folder = tempFolder();
  const first = await takeLock(folder, 'first');
  expect((await thrownBy(() => takeLock(folder, 'second'))).code).toBe('ERR_OCCLUM_LOCKED');
  const waiting = takeLock(folder, 'third', 5000);
  await first.release();
  await (await waiting).release();
  await (await takeLock(folder, 'fourth')).release();
});

test('of thirty that want it at once each gets it alone', async () => {
  const folder = tempFolder();
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 30 }, async () => {
      const lock = await takeLock(folder, 'crowd', 30_000);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      await lock.release();
    }),
  );
  expect(most).toBe(1);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('another process holds it too, and when that is killed the next ends what it had started', async () => {
  const folder = tempFolder();
  const other = await holder(folder);
  const error = await thrownBy(() => takeLock(folder, 'mine'));
  expect([error.code, error.details]).toEqual(['ERR_OCCLUM_LOCKED', { pid: other.pid, action: 'test' }]);
  other.kill();
  const lock = await takeLock(folder, 'mine', 5000);
  await until(() => processIdentity(other.child) === undefined, 'the end of the orphan');
  await lock.release();
});

test('a release that follows the note of a child at once is not undone by it', async () => {
  const folder = tempFolder();
  const lock = await takeLock(folder, 'quick');
  const noted = lock.ownsGroup(process.pid);
  await lock.release();
  await noted;
  await (await takeLock(folder, 'next')).release();
});

test('a process with the same number, started at another time, is not the holder', () => {
  const own = processIdentity(process.pid);
  if (own === undefined) throw new Error('this process is not in /proc');
  expect(processState(own)).toBe('alive');
  expect(processState({ ...own, startTime: '1' })).toBe('dead');
  expect(processState({ ...own, scope: `other-boot ${own.scope.split(' ')[1]}` })).toBe('dead');
  expect(processState({ ...own, scope: `${own.scope.split(' ')[0]} pid:[1]` })).toBe('unknown');
  const { pid } = spawnSync('true');
  expect(processState({ ...own, pid })).toBe('dead');
});

test('a lock file that cannot be read is nobody’s to take', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, '1'), 'scribble');
  expect((await thrownBy(() => takeLock(folder, 'mine'))).code).toBe('ERR_OCCLUM_LOCKED');
});
