import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, runCli, startCli } from '../support/cli.ts';

const source = (factor: number) => `function main(input: { n: number }) { return { n: input.n * ${factor} }; }\n`;

let parent: string;
let folder: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tee-dev-'));
  folder = join(parent, 'oracle');
  const made = await runCli(['init', folder, '--port', String(await freePort()), '--json'], environment());
  expect(made).toMatchObject({ exitCode: 0 });
  // What the template's own function needs is not installed here; the newcomer's path has a test of its own.
  await rm(join(folder, 'functions', 'price.ts'));
  await rm(join(folder, 'functions', 'price.example.json'));
  await writeFile(join(folder, 'functions', 'times.ts'), source(2));
  await writeFile(join(folder, 'functions', 'times.example.json'), '{"input":{"n":21}}');
}, 60_000);
afterAll(() => rm(parent, { recursive: true, force: true }));

const environment = () => cliEnvironment(parent);
const inProject = async (...args: string[]) => {
  const { exitCode, stdout } = await runCli([...args, '--json'], environment(), folder);
  return { exitCode, document: JSON.parse(stdout) };
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('neo-tee init', () => {
  it('pins the enclave that it built, and makes a key for its owner only', async () => {
    const policy = JSON.parse(await readFile(join(folder, 'policy.json'), 'utf8'));
    expect(policy).toEqual({ mrEnclave: [expect.stringMatching(/^[0-9a-f]{64}$/)], allowSimulation: true });
    expect((await stat(join(folder, '.tee/keys/me.pem'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toContain('.tee/');
  });

  it('overwrites nothing', async () => {
    const again = await runCli(['init', folder, '--json'], environment());
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, error: { code: 'ERR_INVALID_ARGUMENT' } });
  });
});

describe('neo-tee dev', () => {
  it('wants to be run in a project', async () => {
    const { exitCode, stdout } = await runCli(['dev', '--json'], environment(), parent);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_INVALID_ARGUMENT', expected: 'neo-tee.json' } });
  });

  it.each([
    ['microcode-bump', undefined],
    ['rebuild', 'ERR_EVIDENCE_REJECTED'],
    ['rollback', undefined],
    ['replay', undefined],
    ['truncate', 'ERR_CHANNEL_PROTOCOL'],
    ['stale-tcb', 'ERR_EVIDENCE_REJECTED'],
    ['diverted-host', 'ERR_EVIDENCE_REJECTED'],
  ])('plays %s, and shows what a user meets then', { timeout: 60_000 }, async (name, code) => {
    const { exitCode, document } = await inProject('dev', '--once', '--fault', name);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      deployed: [{ functionId: 'times', outcome: { result: { n: 42 } } }],
      fault: { name, before: { ok: true }, after: code === undefined ? { ok: true } : { ok: false, code } },
    });
  });

  it('deploys what is saved, says what is wrong, and serves the project’s other commands', {
    timeout: 60_000,
  }, async () => {
    const dev = startCli(['dev'], environment(), folder);
    let output = '';
    dev.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const shows = async (text: string) => {
      while (!output.includes(text)) {
        expect(dev.exitCode, output).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await shows('watching');
    expect(output).toContain('SIMULATION');
    expect(output).toContain('{"n":42}');
    await writeFile(join(folder, 'functions', 'times.ts'), source(3));
    await shows('{"n":63}');
    expect((await inProject('call', 'times', '--input', '{"n":5}')).document).toMatchObject({ result: { n: 15 } });
    await writeFile(join(folder, 'functions', 'times.ts'), 'function main( {');
    await shows('ERR_JS');
    await writeFile(join(folder, 'functions', 'times.ts'), source(4));
    await shows('{"n":84}');
    dev.kill('SIGINT');
    expect(await new Promise((resolve) => dev.once('close', resolve))).toBe(0);
  });
});
