import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, runCli } from '../support/cli.ts';

const source = `import { defineFunction } from '@neo-service-layer/functions';
import * as z from 'zod/mini';

const rateOf = (text: string): number => {
  const rate = Number(text);
  if (!(rate > 0)) throw new RangeError('the rate is no rate');
  return rate;
};

export default defineFunction({
  input: z.object({ amount: z.number() }),
  secrets: ['rate'],
  output: z.object({ amount: z.number() }),
  main: ({ amount }, { rate }) => ({ amount: amount * rateOf(rate) }),
});
`;

let home: string;
let file: (name: string) => string;
const json = async (...args: string[]) => {
  const { exitCode, stdout } = await runCli([...args, '--json'], cliEnvironment(home));
  return { exitCode, document: JSON.parse(stdout) };
};
const as = (user: string) => ['--user-id', user, '--user-key', file(`${user}.pem`)];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-functions-'));
  file = (name) => join(home, name);
  await writeFile(file('convert.ts'), source);
  await json('user', 'new-key', file('alice.pem'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('a function defined in TypeScript, on the command line', () => {
  it('is bundled and run', async () => {
    const run = await json(
      'run',
      file('convert.ts'),
      '--sandbox-only',
      '--input',
      '{"amount":2}',
      '--secrets',
      '{"rate":"3"}',
    );
    expect(run).toMatchObject({ exitCode: 0, document: { result: { amount: 6 } } });
  });

  it('is not run without the secrets that it names, nor granted what it does not say', async () => {
    expect((await json('run', file('convert.ts'), '--sandbox-only')).document.error).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      message: expect.stringContaining('rate'),
    });
    const allowed = await json('run', file('convert.ts'), '--sandbox-only', '--allow', 'crypto');
    expect(allowed.document.error.code).toBe('ERR_INVALID_ARGUMENT');
  });

  it('fails with the line of its own file', async () => {
    const options = ['--sandbox-only', '--input', '{"amount":2}', '--secrets', '{"rate":"no"}'];
    const run = await json('run', file('convert.ts'), ...options);
    expect(run).toMatchObject({ exitCode: 2, document: { error: { code: 'ERR_JS_USER', line: 6 } } });
    const { stdout } = await runCli(['run', file('convert.ts'), ...options], cliEnvironment(home));
    expect(stdout).toContain('at convert.ts:6:');
    expect(stdout).toContain("throw new RangeError('the rate is no rate')");
  });

  it('is deployed with its contract, and its calls have receipts that the sources verify', {
    timeout: 120_000,
  }, async () => {
    const deployed = await json('deploy', file('convert.ts'), ...as('alice'));
    expect(deployed).toMatchObject({
      exitCode: 0,
      document: { function: { functionId: 'convert', secrets: ['rate'] } },
    });
    await writeFile(file('plain.mjs'), 'export const main = () => storage.list();');
    const plain = await json('deploy', file('plain.mjs'), '--storage-pinned', ...as('alice'));
    expect(plain.document).toMatchObject({ function: { functionId: 'plain', storage: 'pinned' } });
    const set = await runCli(
      ['secrets', 'set', 'rate', ...as('alice'), '--json'],
      cliEnvironment(home),
      undefined,
      '3\n',
    );
    expect(set.exitCode).toBe(0);
    const call = await json(
      'call',
      'convert',
      '--input',
      '{"amount":2}',
      '--receipt',
      file('r.receipt'),
      ...as('alice'),
    );
    expect(call).toMatchObject({ exitCode: 0, document: { result: { amount: 6 } } });

    await runCli(['policy', 'new', '--out', file('policy.json')], cliEnvironment(home));
    const verify = [
      'receipt',
      'verify',
      file('r.receipt'),
      '--policy',
      file('policy.json'),
      '--output',
      '{"amount":6}',
    ];
    const verified = await json(...verify, '--function', file('convert.ts'));
    expect(verified).toMatchObject({
      exitCode: 0,
      document: { receipt: { contract: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    });
    await writeFile(file('other.ts'), source.replace('amount * rate', 'amount + rate'));
    expect((await json(...verify, '--function', file('other.ts'))).exitCode).toBe(2);
  });

  it('fails in a later call with the line of the file that was deployed', { timeout: 60_000 }, async () => {
    await runCli(['secrets', 'set', 'rate', ...as('alice')], cliEnvironment(home), undefined, 'no\n');
    const call = await json('call', 'convert', '--input', '{"amount":2}', ...as('alice'));
    expect(call).toMatchObject({ exitCode: 2, document: { error: { code: 'ERR_JS_USER', line: 6 } } });
    expect(await readFile(file('convert.ts'), 'utf8')).toBe(source);
  });
});
