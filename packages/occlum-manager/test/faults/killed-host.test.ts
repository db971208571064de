import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { FakeBehaviour } from '../support/fake-occlum.ts';
import { madeOnce } from '../support/made-once.ts';
import { processesWith, until } from '../support/processes.ts';
import { builtInstance, scriptInstance } from '../support/script-instance.ts';
import { canRun, shell, systemInstance } from '../support/system-instance.ts';

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

describe('a host that is killed with SIGKILL during a build', () => {
  const here = 'process.kill(process.pid, "SIGKILL");';
  const phases: readonly (readonly [phase: string, options: string, fake: FakeBehaviour])[] = [
    ['while the image is filled', `fillImage: async () => { ${here} }`, {}],
    ['when the tool has just started and nobody has noted it', `onStart: () => { ${here} }`, { build: 'hang' }],
    ['while the tool works', `onOutput: () => { ${here} }`, { build: 'hang' }],
    ['when the tool says that it is done', `onOutput: () => { ${here} }`, {}],
  ];
  const system = madeOnce((folder) => builtInstance({ sh: 'exit 4' }, folder));

  test.each(phases)(
    '%s, leaves an instance that builds again, with what programs had written',
    async (_, options, how) => {
      const { instance, fake, signKey, folder } = system();
      const data = join(instance.dir, 'run/mount/__ROOT/data');
      writeFileSync(data, 'precious');
      fake.behave(how);
      const work = `await instance.build({ signKey: ${JSON.stringify(signKey)}, ${options} });`;
      const child = host(instance.dir, folder, work, fake.executable);
      await ended(child);
      expect(child.signalCode).toBe('SIGKILL');
      fake.behave({});
      // Whole or not, never in between: what counts as built runs.
      if (await instance.isBuilt()) expect((await (await instance.run('/bin/sh')).exited).code).toBe(4);
      await instance.build({ signKey, lockWaitMs: 10_000 });
      expect((await (await instance.run('/bin/sh')).exited).code).toBe(4);
      expect(readFileSync(data, 'utf8')).toBe('precious');
      expect(processesWith(instance.dir)).toEqual([]);
    },
  );
});

describe.skipIf(!canRun)('a host that is killed (needs user namespaces)', () => {
  const system = madeOnce(async (folder) => {
    const made = await systemInstance({ folder });
    await made.build();
    await shell(made.instance, 'echo precious > /root/data');
    return made;
  });

  test('at any moment of a build leaves an instance that builds again, with what programs had written', async () => {
    const { folder, instance, signKey } = system();
    for (const after of [30, 90, 400]) {
      const work = `console.log('go'); await instance.build({ signKey: ${JSON.stringify(signKey)} });`;
      const child = host(instance.dir, join(folder, 'platform'), work);
      const over = ended(child);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await delay(after);
      child.kill('SIGKILL');
      await over;
      if (await instance.isBuilt()) expect((await shell(instance, 'exit 4')).code).toBe(4);
      await instance.build({ signKey, lockWaitMs: 10_000 });
      const report = await shell(instance, 'read line < /root/data; echo "$line"');
      expect([after, report.stdoutTail]).toEqual([after, 'precious\n']);
    }
    expect(readdirSync(join(instance.dir, '.manager'))).not.toContain('kept-run');
  }, 120_000);

  test('while a program runs takes the program with it, and the instance runs again', async () => {
    const { folder, instance } = system();
    const work = `await instance.run('/bin/sh', ['-c', 'echo up; while :; do :; done'], { stdout: () => console.log('up') });`;
    const child = host(instance.dir, join(folder, 'platform'), work);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await until(() => processesWith(instance.dir).length === 0, 'the end of the program');
    expect((await shell(instance, 'exit 0')).code).toBe(0);
  });
});

describe('what a host had started', () => {
  const system = madeOnce((folder) => builtInstance({ sleep: 'echo up; sleep 600' }, folder));

  test.each([
    [
      'before it noted the program',
      "const program = await instance.run('/bin/sleep'); process.kill(process.pid, 'SIGKILL');",
    ],
    [
      'while the program runs',
      "await instance.run('/bin/sleep', [], { stdout: () => process.kill(process.pid, 'SIGKILL') });",
    ],
  ])('§0.12: is ended by the next one that takes the instance, when it was killed %s', async (_, work) => {
    const { instance, fake, folder } = system();
    await ended(host(instance.dir, folder, work, fake.executable));
    // The fake is like the genuine tool: it does not notice.
    expect(processesWith(instance.dir).length + processesWith(fake.executable).length).toBeGreaterThan(0);
    expect((await (await instance.run('/bin/sh', [], { lockWaitMs: 10_000 })).exited).code).toBe(0);
    expect(processesWith(fake.executable)).toEqual([]);
  });

  test('is ended by itself when it ends in an orderly way', async () => {
    const { instance, fake, folder } = system();
    const work = `await instance.run('/bin/sleep', [], { stdout: () => process.exit(0) });`;
    await ended(host(instance.dir, folder, work, fake.executable));
    await until(() => processesWith(fake.executable).length === 0, 'the end of the program');
  });
});

test('a draft of an instance whose maker was killed is removed by the next', async () => {
  const { manager, folder } = await scriptInstance();
  const { pid } = spawnSync('true');
  const draft = join(folder, `.new-later.inst-${pid}-1-1`);
  mkdirSync(draft);
  await manager.createInstance(join(folder, 'later.inst'));
  expect(existsSync(draft)).toBe(false);
});
