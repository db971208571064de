import { join } from 'node:path';
import { expect, test } from 'vitest';
import { occlumConfig } from '../../src/index.ts';
import { processesWith, until } from '../support/processes.ts';
import { addScript, scriptInstance } from '../support/script-instance.ts';

test('twenty instances are made, built, run and stopped at once', async () => {
  const { folder, manager, signKey } = await scriptInstance();
  const work = Array.from({ length: 20 }, async (_, number) => {
    const instance = await manager.createInstance(join(folder, `n${number}.inst`));
    await instance.writeConfig(occlumConfig({ preset: 'native', productId: number }));
    addScript(instance, 'sh', '');
    addScript(instance, 'tell', `echo "${number}"; sleep 600`);
    const { mrEnclave } = await instance.build({ signKey });
    let output = '';
    const program = await instance.run('/bin/tell', [], {
      stdout: (chunk) => {
        output += Buffer.from(chunk).toString();
      },
    });
    await until(() => output !== '', 'the program', 60_000);
    await program.stop({ graceMs: 5000 });
    const { kind } = await program.exited;
    return { mrEnclave, output, kind };
  });
  const results = await Promise.all(work);
  expect(results.map(({ output }) => output)).toEqual(results.map((_, number) => `${number}\n`));
  expect(new Set(results.map(({ mrEnclave }) => mrEnclave)).size).toBe(20);
  expect(processesWith(folder)).toEqual([]);
}, 120_000);

test('two managers build one instance: one after the other, and the second finds a whole one', async () => {
  const { instance, manager, signKey } = await scriptInstance();
  const other = await manager.openInstance(instance.dir);
  const [one, two] = await Promise.all([
    instance.build({ signKey, lockWaitMs: 30_000, label: 'same', reuse: true }),
    other.build({ signKey, lockWaitMs: 30_000, label: 'same', reuse: true }),
  ]);
  expect(one.mrEnclave).toBe(two.mrEnclave);
  expect([one.reused, two.reused].filter(Boolean)).toHaveLength(1);
});
