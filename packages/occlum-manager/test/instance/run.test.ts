import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { occlumConfig } from '../../src/index.ts';
import { madeOnce } from '../support/made-once.ts';
import { processesWith } from '../support/processes.ts';
import { builtInstance, scriptInstance } from '../support/script-instance.ts';

const scripts = {
  hello: 'echo "hello $1 $GREETING"; echo noise >&2',
  chatter: 'while :; do echo line; echo line >&2; done',
  sleep: 'echo ready; sleep 600',
};

describe('a program', () => {
  const system = madeOnce((folder) => builtInstance(scripts, folder));

  test('gets its arguments and the variables that Occlum.json lets in; its output streams', async () => {
    let output = '';
    const program = await system().instance.run('/bin/hello', ['you'], {
      env: { GREETING: 'ahoy' },
      stdout: (chunk) => {
        output += Buffer.from(chunk).toString();
      },
    });
    const report = await program.exited;
    expect(report).toMatchObject({ kind: 'exited', code: 0, stderrTail: 'noise\n', diagnosis: null });
    expect(output).toBe('hello you ahoy\n');
  });

  test('is ended by an AbortSignal', async () => {
    const { instance } = system();
    const controller = new AbortController();
    const program = await instance.run('/bin/sleep', [], {
      signal: controller.signal,
      stdout: () => controller.abort(),
    });
    expect((await program.exited).kind).toBe('killed');
    const error = await thrownBy(() => instance.run('/bin/sleep', [], { signal: controller.signal }));
    expect(error.code).toBe('ERR_OCCLUM_ABORTED');
  });

  test.each(['stdout', 'stderr'] as const)(
    'is ended when the callback for its %s throws, and its run rejects with that',
    async (stream) => {
      const { instance, folder } = system();
      const mine = new Error('of the caller');
      let calls = 0;
      const program = await instance.run('/bin/chatter', [], {
        [stream]: () => {
          calls += 1;
          throw mine;
        },
      });
      expect(await thrownBy(() => program.exited)).toBe(mine);
      expect(calls).toBe(1);
      expect(processesWith(folder)).toEqual([]);
      await program.stop();
      expect((await (await instance.run('/bin/hello')).exited).code).toBe(0);
    },
  );

  test('whose callback throws and for whom nobody waits does not end this process', async () => {
    const { instance } = system();
    await instance.run('/bin/hello', [], {
      stdout: () => {
        throw new Error('of the caller');
      },
    });
    expect((await (await instance.run('/bin/hello', [], { lockWaitMs: 20_000 })).exited).code).toBe(0);
  });

  test('is not built into by a callback that throws: the build before stands', async () => {
    const { instance, signKey } = system();
    const { mrEnclave } = await instance.measurements();
    for (const callback of ['onOutput', 'onStart'] as const) {
      const error = await thrownBy(() =>
        instance.build({
          signKey,
          [callback]: () => {
            throw new Error('of the caller');
          },
        }),
      );
      expect(error.message).toBe('of the caller');
      expect((await instance.measurements()).mrEnclave).toBe(mrEnclave);
    }
  });
});

test('an instance that is not built runs nothing', async () => {
  const { instance } = await scriptInstance(scripts);
  expect((await thrownBy(() => instance.run('/bin/hello'))).code).toBe('ERR_OCCLUM_NOT_BUILT');
});

describe('an identity given at launch (KSS)', () => {
  const system = madeOnce((folder) => builtInstance(scripts, folder));
  const id = { high: '0x1', low: '0x2' };

  test('reaches occlum as its options when Occlum.json has KSS', async () => {
    const { instance, signKey } = system();
    const config = occlumConfig({ preset: 'native', kss: { family_id: id, ext_prod_id: id } });
    await instance.build({ signKey, config });
    const configId = new Uint8Array([1, 2, 3]);
    const program = await instance.run('/bin/hello', ['you'], { configId, configSvn: 7 });
    expect((await program.exited).stdoutTail).toBe('hello you \n');
    const seen = JSON.parse(readFileSync(join(instance.dir, 'run.arguments'), 'utf8'));
    expect(seen).toEqual(['--config-id', 'AQID', '--config-svn', '7', '/bin/hello', 'you']);
    for (const bad of [
      { configId: new Uint8Array(65) },
      { configId: new Uint8Array(0) },
      { configSvn: 65_536 },
      { configSvn: 1.5 },
    ]) {
      expect((await thrownBy(() => instance.run('/bin/hello', [], bad))).code).toBe('ERR_INVALID_ARGUMENT');
      expect((await thrownBy(() => instance.start(bad))).code).toBe('ERR_INVALID_ARGUMENT');
    }
  });

  test('is refused without KSS, where it would silently do nothing', async () => {
    const { instance, signKey } = system();
    await instance.build({ signKey, config: occlumConfig({ preset: 'native' }) });
    expect((await thrownBy(() => instance.run('/bin/hello', [], { configSvn: 1 }))).code).toBe('ERR_INVALID_ARGUMENT');
    expect(existsSync(instance.imageDir)).toBe(true);
  });
});
