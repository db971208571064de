import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, runCli, startCli } from '../support/cli.ts';
import { ServedHost } from '../support/served-host.ts';

let home: string;
let file: (name: string) => string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-users-'));
  file = (name) => join(home, name);
  for (const user of ['alice', 'bob']) await run('user', 'new-key', file(`${user}.pem`));
  await writeFile(
    file('price.js'),
    'function main(input, secrets) { return input.amount * secrets.rate + secrets.key.length; }\n',
  );
});
afterAll(() => rm(home, { recursive: true, force: true }));

const run = (...args: string[]) => runCli(args, cliEnvironment(home));
const as = (user: string) => ['--user-id', user, '--user-key', file(`${user}.pem`)];

/** Runs a command with JSON output and something on its standard input. */
async function withInput(text: string, ...args: string[]) {
  const child = startCli([...args, '--json'], cliEnvironment(home));
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stdin.end(text);
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  return { exitCode, document: JSON.parse(stdout) };
}

const json = (...args: string[]) => withInput('', ...args);

describe('neo-tee for users, in an enclave of this machine', () => {
  it('keeps what a user deploys and sets from one start to the next', { timeout: 120_000 }, async () => {
    const set = await withInput('SECRET-CANARY\n', 'secrets', 'set', 'key', ...as('alice'));
    expect(set).toMatchObject({ exitCode: 0, document: { ok: true, secret: { name: 'key' } } });
    await withInput('3', 'secrets', 'set', 'rate', '--as-json', ...as('alice'));
    const deployed = await json('deploy', file('price.js'), '--secret', 'key', '--secret', 'rate', ...as('alice'));
    expect(deployed.document).toMatchObject({ ok: true, function: { functionId: 'price', secrets: ['key', 'rate'] } });
    const call = await json('call', 'price', '--input', '{"amount":2}', ...as('alice'));
    expect(call).toMatchObject({ exitCode: 0, document: { ok: true, result: 19 } });
    for (const name of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!name.isFile() || name.parentPath.includes('image')) continue;
      expect((await readFile(join(name.parentPath, name.name))).includes('SECRET-CANARY')).toBe(false);
    }
  });

  it('wants a key to sign in with, and the id of whose it is', { timeout: 60_000 }, async () => {
    expect((await json('secrets', 'list')).document.error.code).toBe('ERR_USER_REQUIRED');
    expect((await json('secrets', 'list', '--user-key', file('alice.pem'))).document.error.code).toBe(
      'ERR_INVALID_ARGUMENT',
    );
    expect((await withInput('', 'secrets', 'set', 'empty', ...as('alice'))).document.error.code).toBe(
      'ERR_INVALID_ARGUMENT',
    );
  });
});

describe('neo-tee for users, over a host', () => {
  let host: ServedHost;
  let at: string[];

  beforeAll(async () => {
    host = await ServedHost.start(cliEnvironment(home));
    at = ['--url', host.url];
  }, 60_000);
  afterAll(() => host.stop());

  it('lets nobody but whom the owner names run a function, or know of it', { timeout: 60_000 }, async () => {
    const owner = (await readFile(file('alice.pem.pub'), 'utf8')).length > 0 ? ['--owner', file('alice.pem.pub')] : [];
    const call = ['call', 'price', '--input', '{"amount":1}', ...owner, ...as('bob'), ...at];
    expect((await json(...call)).document.error.code).toBe('ERR_NOT_FOUND');
    const secrets = ['--secret', 'key', '--secret', 'rate'];
    await json('deploy', file('price.js'), ...secrets, '--invoker', file('bob.pem.pub'), ...as('alice'), ...at);
    expect(await json(...call)).toMatchObject({ exitCode: 0, document: { result: 16 } });
    expect((await json('functions', 'list', ...as('bob'), ...at)).document.functions).toEqual([]);
  });

  it('shows and removes what a user keeps, and says no when there is nothing', { timeout: 60_000 }, async () => {
    const { stdout } = await run('user', 'show', ...as('alice'), ...at);
    expect(stdout).toMatch(/registered by +first use/);
    expect((await run('secrets', 'list', ...as('alice'), ...at)).stdout).toMatch(/key +15 bytes/);
    expect((await json('secrets', 'rm', 'key', ...as('alice'), ...at)).exitCode).toBe(0);
    expect((await json('secrets', 'rm', 'key', ...as('alice'), ...at)).exitCode).toBe(2);
    expect((await json('functions', 'remove', 'price', ...as('alice'), ...at)).exitCode).toBe(0);
    expect((await json('functions', 'remove', 'price', ...as('alice'), ...at)).exitCode).toBe(2);
  });

  it('refuses an administrator’s work to others, and another enclave than was built here', {
    timeout: 60_000,
  }, async () => {
    expect((await json('users', 'list', ...as('bob'), ...at)).document.error.code).toBe('ERR_USER_FORBIDDEN');
    await writeFile(file('policy.json'), JSON.stringify({ mrEnclave: ['00'.repeat(32)], allowSimulation: true }));
    const wrong = await json('user', 'show', ...as('bob'), ...at, '--policy', file('policy.json'));
    expect(wrong).toMatchObject({ exitCode: 1, document: { error: { code: 'ERR_EVIDENCE_REJECTED' } } });
  });
});
