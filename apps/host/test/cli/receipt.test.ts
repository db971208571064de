import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, runCli } from '../support/cli.ts';

let home: string;
let file: string;
let policy: string;
let program: string;

const run = (...args: string[]) => runCli(args, cliEnvironment(home));
const verify = async (...more: string[]) => {
  const { exitCode, stdout } = await run('receipt', 'verify', file, '--policy', policy, ...more, '--json');
  return { exitCode, document: JSON.parse(stdout) };
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-receipt-'));
  [file, policy, program] = [join(home, 'price.receipt'), join(home, 'policy.json'), join(home, 'price.js')];
  await writeFile(program, 'function main(input, secrets) { return { price: input.amount * secrets.rate } }\n');
  const call = ['--input', '{"amount":3}', '--secrets', '{"rate":4}', '--function-id', 'price'];
  const { stdout } = await run('run', program, ...call, '--receipt', file, '--json');
  const { mrEnclave } = JSON.parse(stdout).enclave;
  await writeFile(policy, JSON.stringify({ mrEnclave: [mrEnclave], allowSimulation: true }));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('neo-tee receipt', () => {
  it('verify says yes to a receipt of run --receipt, for its function, input and output', async () => {
    const parts = ['--function', program, '--input', '{"amount":3}', '--output', '{"price":12}'];
    const { exitCode, document } = await verify(...parts);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      cosignature: null,
      receipt: { functionId: 'price', userId: 'cli', outcome: 'ok', counter: 1 },
    });
  });

  it('verify says no to another output and another enclave', async () => {
    const wrong = await verify('--output', '{"price":13}');
    expect(wrong).toMatchObject({ exitCode: 2, document: { ok: false, receipt: null } });
    await writeFile(policy, JSON.stringify({ mrEnclave: ['00'.repeat(32)], allowSimulation: true }));
    expect(await verify()).toMatchObject({ exitCode: 2, document: { ok: false, receipt: null } });
  });

  it('verify wants a policy', async () => {
    expect((await run('receipt', 'verify', file)).exitCode).toBe(1);
  });

  it('inspect shows what it says without evidence', async () => {
    const { exitCode, stdout } = await run('receipt', 'inspect', file);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('price');
    expect(stdout).toContain('by its own word');
  });

  it('keeps the salts from other users of the machine', async () => {
    expect((await stat(`${file}.salts.json`)).mode & 0o077).toBe(0);
  });
});
