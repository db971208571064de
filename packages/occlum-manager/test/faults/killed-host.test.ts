import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requireOrSkip } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { processesWith, until } from '../support/processes.ts';
import { scriptInstance } from '../support/script-instance.ts';
import { shell, systemInstance } from '../support/system-instance.ts';

const face = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** A host process of its own that works with an instance, by the built package. */
function host(dir: string, platform: string, work: string, occlumPath?: string) {
  const options = { simulation: true, platformDir: platform, ...(occlumPath === undefined ? {} : { occlumPath }) };
  const code = `
    import { OcclumManager } from ${JSON.stringify(face)};
    const manager = await OcclumManager.locate(${JSON.stringify(options)});
    const instance = await manager.openInstance(${JSON.stringify(dir)});
    ${work}
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function ended(child: ReturnType<typeof host>): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

const unshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);
const ready = requireOrSkip(unshare.status === 0, 'user namespaces (util-linux, and a kernel that allows them)');

describe.skipIf(!ready)('a host that is killed (needs user namespaces)', () => {
  test('in any phase of a build leaves an instance that builds again, with what programs had written', async () => {
    const { folder, instance, build, signKey } = await systemInstance();
    await build();
    await shell(instance, 'echo precious > /root/data');
    const platform = join(folder, 'platform');
    for (const after of [0, 60, 150, 300, 550]) {
      const child = host(
        instance.dir,
        platform,
        `console.log('go'); await instance.build({ signKey: ${JSON.stringify(signKey)} });`,
      );
      const over = ended(child);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await delay(after);
      child.kill('SIGKILL');
      await over;
      const { built } = await instance.status();
      // Whole or not, never in between: what counts as built runs.
      if (built) expect((await shell(instance, 'exit 4')).code).toBe(4);
      await instance.build({ signKey, lockWaitMs: 5000 });
      const report = await shell(instance, 'read line < /root/data; echo "$line"');
      expect([after, report.stdoutTail]).toEqual([after, 'precious\n']);
    }
    expect(readdirSync(join(instance.dir, '.manager'))).not.toContain('kept-run');
  }, 180_000);

  test('while a program runs takes the program with it, and the instance runs again', async () => {
    const { folder, instance, build } = await systemInstance();
    await build();
    const work = `await instance.run('/bin/sh', ['-c', 'echo up; while :; do :; done'], { stdout: () => console.log('up') });`;
    const child = host(instance.dir, join(folder, 'platform'), work);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await until(() => processesWith(instance.dir).length === 0, 'the end of the program');
    expect((await shell(instance, 'exit 0')).code).toBe(0);
  });
});

test('trap 12: what a killed host had started is ended by the next one that takes the instance', async () => {
  const { instance, fake, signKey, folder } = await scriptInstance({ sleep: 'echo up; sleep 600' });
  await instance.build({ signKey });
  const work = `await instance.run('/bin/sleep', [], { stdout: () => console.log('up') });`;
  const child = host(instance.dir, join(folder, 'platform'), work, fake.executable);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await ended(child);
  // The fake is like the genuine tool: it does not notice.
  expect(processesWith(folder).length).toBeGreaterThan(0);
  expect((await (await instance.run('/bin/sh', [])).exited).code).toBe(0);
  expect(processesWith(folder)).toEqual([]);
});

test('a host that ends in an orderly way takes its programs with it', async () => {
  const { instance, fake, signKey, folder } = await scriptInstance({ sleep: 'echo up; sleep 600' });
  await instance.build({ signKey });
  const work = `await instance.run('/bin/sleep', [], { stdout: () => process.exit(0) });`;
  await ended(host(instance.dir, join(folder, 'platform'), work, fake.executable));
  await until(() => processesWith(folder).length === 0, 'the end of the program');
});

test('a draft of an instance whose maker was killed is removed by the next', async () => {
  const { manager, folder } = await scriptInstance();
  const { mkdirSync } = await import('node:fs');
  const { pid } = spawnSync('true');
  const draft = join(folder, `.new-later.inst-${pid}-1-1`);
  mkdirSync(draft);
  await manager.createInstance(join(folder, 'later.inst'));
  expect(existsSync(draft)).toBe(false);
});
