import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedFolder } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, repositoryPath, runCli } from '../support/cli.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-cli-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const run = (...args: string[]) => runCli(args, cliEnvironment(home));

describe('neo-tee run', () => {
  it('prints one JSON document: result, gas, time, logs, and which enclave it was', async () => {
    const input = join(home, 'input.json');
    await writeFile(input, '{"name":"World"}');
    const { exitCode, stdout } = await run(
      ...[
        'run',
        repositoryPath('examples/functions/hello.js'),
        '--input',
        `@${input}`,
        '--secrets',
        '{"k":"SEKRET-1234"}',
      ],
      ...['--function-id', 'hello', '--user-id', 'alice', '--timeout-ms', '2000', '--memory-mb', '32', '--json'],
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      result: { message: 'Hello, world!', input: { name: 'World' }, functionId: 'hello', userId: 'alice' },
      gasUsed: expect.any(Number),
      executionTimeMs: expect.any(Number),
      logs: [],
      droppedLogs: 0,
      enclave: { mode: 'simulation', mrEnclave: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('reports a failing program with its code and position, and exits with 2', async () => {
    const file = join(home, 'failing.js');
    await writeFile(file, 'function main(input) {\n  const x = 1;\n  throw new TypeError("wrong kind");\n}\n');
    const { exitCode, stdout } = await run('run', file, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: {
        code: 'ERR_JS_USER',
        message: expect.stringContaining('wrong kind'),
        line: 3,
        column: expect.any(Number),
      },
    });
  });

  it.each([
    ['a syntax error', 'function main( {', 'ERR_JS_SYNTAX', []],
    [
      'an endless loop',
      'function main() { for (;;); }',
      'ERR_JS_TIMEOUT',
      ['--timeout-ms', '300', '--gas', '90000000000'],
    ],
    [
      'a memory bomb',
      'function main() { const a = []; for (;;) a.push(new Array(1000).fill(1)); }',
      'ERR_JS_MEMORY',
      [],
    ],
  ])('says %s by its class', async (_what, code, expected, more) => {
    const file = join(home, 'bad.js');
    await writeFile(file, code);
    const { exitCode, stdout } = await run('run', file, '--sandbox-only', '--json', ...more);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: expected } });
    expect(exitCode).toBe(2);
  });

  it('runs TypeScript with and without an enclave, with the same result and the same gas', async () => {
    const file = join(home, 'greet.ts');
    await writeFile(file, 'export const main = async (input: { name: string }) => ({ hello: input.name });\n');
    const options = ['run', file, '--input', '{"name":"Neo"}', '--json'];
    const [enclave, sandbox] = [await run(...options), await run(...options, '--sandbox-only', '--repeat', '20')];
    const [inside, outside] = [JSON.parse(enclave.stdout), JSON.parse(sandbox.stdout)];
    expect(inside).toMatchObject({ ok: true, result: { hello: 'Neo' }, enclave: { mode: 'simulation' } });
    expect(outside).toMatchObject({
      ok: true,
      result: inside.result,
      gasUsed: inside.gasUsed,
      runs: 20,
      distinctResults: 1,
      distinctGas: 1,
      resultsHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      enclave: { mode: 'sandbox-only', mrEnclave: null },
    });
  });

  it('shows the line of a mistake with a caret under the place', async () => {
    const file = join(home, 'mistake.js');
    await writeFile(file, 'function main(input) {\n\treturn input.price.amount;\n}\n');
    const { exitCode, stdout } = await run('run', file, '--sandbox-only', '--input', '{}');
    expect(exitCode).toBe(2);
    expect(stdout).toContain(`at ${file}:2:`);
    expect(stdout).toMatch(/2 \| \treturn input\.price\.amount;\n\s+\| \t\s*\^/);
  });

  it('grants what --allow names, and nothing else', async () => {
    const file = join(home, 'hash.mjs');
    await writeFile(file, 'export default async () => (await crypto.hash("sha256", "abc")).toHex();\n');
    const denied = await run('run', file, '--sandbox-only', '--json');
    expect(denied.exitCode).toBe(2);
    expect(JSON.parse(denied.stdout).error.code).toMatch(/^ERR_JS_(CAPABILITY_DENIED|USER)$/);
    const granted = await run('run', file, '--sandbox-only', '--allow', 'crypto', '--json');
    expect(JSON.parse(granted.stdout).result).toMatch(/^ba7816bf/);
    expect((await run('run', file, '--sandbox-only', '--allow', 'wings', '--json')).exitCode).toBe(1);
  });

  it('answers a wrong command line with exit code 1 and one JSON document', async () => {
    for (const args of [
      ['run', '--json'],
      ['run', 'missing.js', '--json'],
      ['fly', '--json'],
      ['run', 'x', '--wat', '--json'],
    ]) {
      const { exitCode, stdout } = await run(...args);
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'ERR_INVALID_ARGUMENT' } });
    }
  });

  it('without simulation and without Occlum is an error that says what to do', async () => {
    const env = { ...cliEnvironment(home), OCCLUM_SIMULATION: '0' };
    const { exitCode, stdout } = await runCli(['run', repositoryPath('examples/functions/hello.js'), '--json'], env);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'ERR_OCCLUM_NOT_FOUND', hint: expect.stringContaining('OCCLUM_SIMULATION') },
    });
  });
});

describe('neo-tee attest and image build', () => {
  it('agree about the measurement', async () => {
    const attest = await run('attest', '--json');
    const image = await run('image', 'build', '--json');
    expect([attest.exitCode, image.exitCode]).toEqual([0, 0]);
    const built = JSON.parse(image.stdout);
    expect(JSON.parse(attest.stdout)).toMatchObject({
      ok: true,
      mode: 'simulation',
      claims: { mrEnclave: built.mrEnclave },
    });
    expect(built).toMatchObject({ ok: true, rebuilt: false, packages: expect.arrayContaining(['zod@4.6.7']) });
    const inventory = JSON.parse((await run('image', 'inspect', '--json')).stdout);
    const { sha256 } = built.files.find(({ name }: { name: string }) => name === 'runtime.mjs');
    expect(inventory.entries).toContainEqual(expect.objectContaining({ path: '/app/runtime.mjs', sha256 }));
  });

  it('explain themselves to people', async () => {
    const attest = await run('attest');
    expect(attest.stdout).toMatch(/^YES/);
    expect(attest.stdout).toContain('SIMULATION');
    const help = await run('help');
    for (const name of [
      'run',
      'attest',
      'quote verify',
      'quote inspect',
      'policy check',
      'policy diff',
      'image build',
      'serve',
    ]) {
      expect(help.stdout).toContain(`neo-tee ${name}`);
    }
  });
});

describe('neo-tee evidence', () => {
  it('check judges offline what attest wrote down, and which bytes it is about', async () => {
    const file = join(home, 'evidence.cbor');
    const attest = await run('attest', '--out', file, '--data', 'c0ffee', '--json');
    expect(attest.exitCode).toBe(0);
    const policy = join(home, 'evidence-policy.json');
    const { mrEnclave } = JSON.parse(attest.stdout).claims;
    await writeFile(policy, JSON.stringify({ mrEnclave: [mrEnclave], allowSimulation: true }));
    const check = (...more: string[]) => run('evidence', 'check', file, '--policy', policy, '--json', ...more);
    expect((await check('--data', 'c0ffee')).exitCode).toBe(0);
    const other = await check('--data', 'c0ffed');
    expect([other.exitCode, JSON.parse(other.stdout).isAboutTheseBytes]).toEqual([2, false]);
    const bytes = await readFile(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect((await check()).exitCode).toBe(2);
  });
});

describe('neo-tee policy', () => {
  const strong = { mrEnclave: ['ab'.repeat(32)] };
  const weak = { mrSigner: ['cd'.repeat(32)], allowDebug: true };
  const write = async (name: string, content: unknown) => {
    const file = join(home, name);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };

  it('check says yes to a valid policy, and with --strict no to a weak one', async () => {
    const [good, poor] = [await write('strong.json', strong), await write('weak.json', weak)];
    expect((await run('policy', 'check', good, '--strict')).exitCode).toBe(0);
    expect((await run('policy', 'check', poor)).exitCode).toBe(0);
    const strict = await run('policy', 'check', poor, '--strict', '--json');
    expect(strict.exitCode).toBe(2);
    const { ok, weak: found } = JSON.parse(strict.stdout);
    expect(ok).toBe(false);
    expect(found.map(({ text }: { text: string }) => text).join(' ')).toMatch(/Debugging may be on.*isvProdId/);
  });

  it.each([
    ['an empty policy', {}, 'ERR_POLICY_EMPTY'],
    ['a misspelt member', { mrEnclav: ['ab'.repeat(32)] }, 'ERR_POLICY_FORMAT'],
    ['what is not JSON', '{', 'ERR_POLICY_FORMAT'],
  ])('check says no to %s', async (_what, content, code) => {
    const { exitCode, stdout } = await run('policy', 'check', await write('bad.json', content), '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code } });
  });

  it('schema is the JSON Schema of what check accepts', async () => {
    const { exitCode, stdout } = await run('policy', 'schema');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      additionalProperties: false,
      properties: { mrEnclave: { type: 'array' }, allowDebug: { type: 'boolean' } },
    });
  });

  it('explain marks what is weak, and diff lists what changes', async () => {
    const [good, poor] = [await write('a.json', strong), await write('b.json', weak)];
    const explained = await run('policy', 'explain', poor);
    expect(explained.exitCode).toBe(0);
    expect(explained.stdout).toContain('WEAK: Debugging may be on');
    const changed = await run('policy', 'diff', good, poor);
    expect(changed.exitCode).toBe(2);
    expect(changed.stdout).toContain('allowDebug');
    expect((await run('policy', 'diff', good, good)).exitCode).toBe(0);
  });
});

const vectors = sharedFolder('vectors');
describe.skipIf(vectors === null)(vectors ? 'neo-tee quote' : 'skipped: no vectors (neo-tee quote)', () => {
  const at = '1752919218';
  let folder: string;

  beforeAll(async () => {
    folder = join(home, 'case');
    const source = join(vectors ?? '', 'phala', 'sgx_cfg_swh');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(folder);
    for (const entry of await readdir(source, { withFileTypes: true })) {
      if (entry.isFile()) await copyFile(join(source, entry.name), join(folder, entry.name));
    }
  });

  const verify = (quote = join(folder, 'quote.bin'), time = at, collateral = folder) =>
    run('quote', 'verify', '--quote', quote, '--collateral', collateral, '--at', time, '--json');

  it('verify reports the status of a real quote, which the default policy does not accept', async () => {
    const { exitCode, stdout } = await verify();
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      status: 'ConfigurationAndSWHardeningNeeded',
      advisoryIds: ['INTEL-SA-00289', 'INTEL-SA-00615'],
      tcbDate: expect.stringContaining('2024-03-13'),
      mode: 'hardware',
    });
  });

  it('verify refuses a flipped bit, a time after the window and an empty revocation list', async () => {
    const bytes = await readFile(join(folder, 'quote.bin'));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    const flipped = join(home, 'flipped.bin');
    await writeFile(flipped, bytes);
    const emptied = join(home, 'emptied');
    const { cp } = await import('node:fs/promises');
    await cp(folder, emptied, { recursive: true });
    await writeFile(join(emptied, 'pck_crl.der'), '');
    for (const [quote, time, collateral] of [
      [flipped, at, folder],
      [undefined, '1800000000', folder],
      [undefined, at, emptied],
    ] as const) {
      const { exitCode, stdout } = await verify(quote, time, collateral);
      expect(exitCode).toBe(2);
      const verdict = JSON.parse(stdout);
      expect(verdict).toMatchObject({ ok: false, error: { code: expect.stringMatching(/^ERR_/) } });
      expect(verdict.error.code).not.toBe('ERR_STATUS_NOT_ACCEPTED');
      expect(verdict.checks.some((check: { ok: boolean }) => !check.ok)).toBe(true);
    }
  });

  it('verify explains itself to people, and asks which program was meant', async () => {
    const early = join(vectors ?? '', 'phala', 'sgx_cfg_swh');
    const options = ['--quote', join(folder, 'quote.bin'), '--collateral', folder, '--at', at, '--early', early];
    const { exitCode, stdout } = await run('quote', 'verify', ...options);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^NO: /);
    expect(stdout).toContain('hyper-threading');
    expect(stdout).toContain('No --policy was given');
    expect(stdout).toContain('Under the other collateral the machine stays ConfigurationAndSWHardeningNeeded');
  });

  it('verify asks the service that is named when no collateral is given', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = {
      ...cliEnvironment(home),
      TEE_COLLATERAL_URL: `http://127.0.0.1:${port}/sgx/certification/v4/`,
    };
    const { exitCode, stdout } = await runCli(['quote', 'verify', '--quote', join(folder, 'quote.bin'), '--json'], env);
    await new Promise((resolve) => server.close(resolve));
    expect(asked.join(' ')).toContain('/sgx/certification/v4/tcb?fmspc=00A067110000');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_COLLATERAL_REFUSED' } });
  });

  it('verify judges by a policy from a file', async () => {
    const file = join(home, 'policy.json');
    const mrEnclave = ['33d8736db756ed4997e04ba358d27833188f1932ff7b1d156904d3f560452fbb'];
    const options = [
      '--quote',
      join(folder, 'quote.bin'),
      '--collateral',
      folder,
      '--at',
      at,
      '--policy',
      file,
      '--json',
    ];
    await writeFile(file, JSON.stringify({ mrEnclave, acceptedStatuses: ['ConfigurationAndSWHardeningNeeded'] }));
    expect((await run('quote', 'verify', ...options)).exitCode).toBe(0);
    await writeFile(file, JSON.stringify({ mrEnclave: ['00'.repeat(32)] }));
    const other = await run('quote', 'verify', ...options);
    expect(other.exitCode).toBe(2);
    expect(other.stdout).toContain('ERR_MRENCLAVE_MISMATCH');
  });

  it('inspect names every field and believes none', async () => {
    const { exitCode, stdout } = await run('quote', 'inspect', join(folder, 'quote.bin'), '--json');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('mrEnclave');
    const text = await run('quote', 'inspect', join(folder, 'quote.bin'));
    expect(text.stdout).toMatch(/^UNVERIFIED/);
    const bad = await run('quote', 'inspect', repositoryPath('package.json'), '--json');
    expect(bad.exitCode).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { code: expect.stringMatching(/^ERR_QUOTE_/) } });
  });
});
