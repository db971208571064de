import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, runCli } from '../support/cli.ts';

const nodePath = process.env['NODE_PATH'];
/** The addon of the engine v8-isolate; nothing here installs it. */
const hasIsolatedVm = (() => {
  try {
    return createRequire(import.meta.url).resolve('isolated-vm/out/isolated_vm.node') !== '';
  } catch {
    return false;
  }
})();

describe('neo-tee run --engine', () => {
  let home: string;
  let file: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'tee-engine-'));
    file = join(home, 'hello.ts');
    await writeFile(file, 'export const main = (input: { name: string }) => ({ hello: input.name });\n');
  });
  afterAll(() => rm(home, { recursive: true, force: true }));
  const run = (env: Record<string, string>, ...more: string[]) =>
    runCli(['run', file, '--input', '{"name":"Neo"}', '--json', ...more], { ...cliEnvironment(home), ...env });

  it.skipIf(!hasIsolatedVm)('runs a function in a V8 isolate (skipped: no isolated-vm)', async () => {
    const env = { NODE_PATH: nodePath ?? '' };
    const { exitCode, stdout } = await run(env, '--sandbox-only', '--engine', 'v8-isolate', '--repeat', '2');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { hello: 'Neo' }, gasUsed: 0, distinctResults: 1 });
    expect(exitCode).toBe(0);
    const metered = await run(env, '--sandbox-only', '--engine', 'v8-isolate', '--gas', '5');
    expect(JSON.parse(metered.stdout).error.code).toBe('ERR_INVALID_ARGUMENT');
  });

  it('says what is missing, and that there is no such engine in an enclave, or anywhere', async () => {
    const codeOf = async (...more: string[]) => {
      const { exitCode, stdout } = await run({ NODE_PATH: '' }, ...more);
      expect(exitCode).toBe(1);
      return JSON.parse(stdout).error.code;
    };
    expect(await codeOf('--sandbox-only', '--engine', 'v8-isolate')).toBe('ERR_JS_ENGINE_MISSING');
    expect(await codeOf('--engine', 'v8-isolate')).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf('--sandbox-only', '--engine', 'v9')).toBe('ERR_INVALID_ARGUMENT');
  });
});
