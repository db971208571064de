import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cliEnvironment, runCli } from '../support/cli.ts';

let home: string;
let library: string;
let built: { mrEnclave: string; mrSigner: string };

const view = async (file: string) => {
  const { exitCode, stdout } = await runCli(['sigstruct', 'view', file, '--json'], cliEnvironment(home));
  return { exitCode, document: JSON.parse(stdout) };
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-sigstruct-'));
  const { stdout } = await runCli(['image', 'build', '--security-version', '3', '--json'], cliEnvironment(home));
  built = JSON.parse(stdout);
  library = join(home, 'instances', 'runtime.inst', 'build', 'lib', 'libocclum-libos.signed.so');
}, 60_000);
afterAll(() => rm(home, { recursive: true, force: true }));

it('neo-tee sigstruct view reads out of a built enclave what the build says it is', async () => {
  const { exitCode, document } = await view(library);
  expect(exitCode).toBe(0);
  const { mrEnclave, mrSigner } = built;
  expect(document).toMatchObject({ ok: true, mrEnclave, mrSigner, isvSvn: 3, signature: true, quotients: true });
  const { stdout } = await runCli(['sigstruct', 'view', library], cliEnvironment(home));
  expect(stdout).toContain(`MRENCLAVE         ${mrEnclave}`);
  expect(stdout).toMatch(/signature +holds/);
});

it('says no to one that was changed, and has an error for a file without one', async () => {
  const changed = await readFile(library);
  const at = changed.indexOf(Buffer.from(built.mrEnclave, 'hex'));
  changed[at] = (changed[at] ?? 0) ^ 1;
  await writeFile(join(home, 'changed.so'), changed);
  expect(await view(join(home, 'changed.so'))).toMatchObject({
    exitCode: 2,
    document: { ok: false, signature: false },
  });
  const { exitCode, document } = await view(join(home, 'instances', 'runtime.image.json'));
  expect([exitCode, document.error.code]).toEqual([1, 'ERR_DEVICE_STRUCT']);
});
