import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cliEnvironment, runCli } from '../support/cli.ts';

let home: string;
let provenance: string;
let mrEnclave: string;

const measure = async (...args: string[]) => {
  const { exitCode, stdout } = await runCli(['image', 'measure', ...args, '--json'], cliEnvironment(home));
  return { exitCode, document: JSON.parse(stdout) };
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-measure-'));
  provenance = join(home, 'provenance.json');
  const { stdout } = await runCli(['image', 'build', '--json'], cliEnvironment(home));
  mrEnclave = JSON.parse(stdout).mrEnclave;
}, 60_000);
afterAll(() => rm(home, { recursive: true, force: true }));

it('writes down what an image is, and finds it the same afterwards', async () => {
  const { document } = await measure('--out', provenance);
  expect(document).toMatchObject({ ok: true, compared: false, measured: { mrEnclave } });
  expect(await measure('--provenance', provenance)).toMatchObject({
    exitCode: 0,
    document: { ok: true, compared: true, differences: [] },
  });
});

it('names a version or a file that is not as it was, with exit code 2', async () => {
  const changed = JSON.parse(await readFile(provenance, 'utf8'));
  await writeFile(join(home, 'changed.json'), JSON.stringify({ ...changed, isvSvn: 7 }));
  const other = await measure('--provenance', join(home, 'changed.json'));
  expect(other.exitCode).toBe(2);
  expect(other.document.differences).toEqual([{ what: 'isvSvn', expected: '7', actual: String(changed.isvSvn) }]);

  await appendFile(join(home, 'instances', 'runtime.inst', 'image', 'app', 'runtime.mjs'), '\n');
  const { exitCode, document } = await measure('--provenance', provenance);
  expect(exitCode).toBe(2);
  expect(document.differences).toHaveLength(1);
  expect(document.differences[0].what).toContain('app/runtime.mjs');
});

it('refuses a file that is no provenance', async () => {
  const { exitCode, document } = await measure('--provenance', join(home, 'instances', 'runtime.image.json'));
  expect([exitCode, document.error.code]).toEqual([1, 'ERR_INVALID_ARGUMENT']);
});
