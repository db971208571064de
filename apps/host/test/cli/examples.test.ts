import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment, repositoryPath, runCli, startCli } from '../support/cli.ts';

let home: string;
let host: ReturnType<typeof startCli>;
let url: string;
const file = (name: string) => join(home, name);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tee-examples-'));
  const env = cliEnvironment(home);
  await runCli(['user', 'new-key', file('me.pem')], env);
  await runCli(['policy', 'new', '--out', file('policy.json')], env);
  host = startCli(['serve', '--port', '0', '--exit-with-stdin'], env);
  let output = '';
  host.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!output.includes('enclave-started')) await new Promise((resolve) => setTimeout(resolve, 20));
  url = JSON.parse(output.split('\n')[0] ?? '').url;
  const platform = await SimulatedPlatform.open(join(home, 'platform'));
  await writeFile(file('root.der'), platform.rootCertificate);
  // What a project of `neo-tee init` says of itself.
  const project = { url, policy: 'policy.json', root: 'root.der', userId: 'me', userKey: 'me.pem' };
  await writeFile(file('neo-tee.json'), JSON.stringify(project));
}, 120_000);

afterAll(async () => {
  host.stdin.end();
  await new Promise((resolve) => host.once('exit', resolve));
  await rm(home, { recursive: true, force: true });
});

/** Runs a client as `tsx` does: as one program of plain JavaScript, in the folder of the project. */
async function runClient(name: string, ...words: string[]) {
  const program = file(`${name}.mjs`);
  const entryPoints = [repositoryPath(`examples/${name}/client.ts`)];
  const settings = { bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' } as const;
  await build({ ...settings, entryPoints, conditions: ['@neo-service-layer/source'], outfile: program });
  const client = spawn(process.execPath, [program, ...words], { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  client.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  client.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exitCode] = await once(client, 'close');
  return { exitCode, stdout, stderr };
}

describe('the client of an example, as a program of its own', () => {
  it('verifies the enclave behind a host and calls the function that was deployed there', {
    timeout: 120_000,
  }, async () => {
    const source = repositoryPath('examples/signing-service/signing-service.ts');
    const deployed = await runCli(['deploy', source, '--json'], cliEnvironment(home), home);
    const { functionHash } = JSON.parse(deployed.stdout).function;
    const called = await runClient('signing-service', functionHash, 'bob', '300');
    expect(called).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(called.stdout)).toMatchObject({ left: 700, signed: { number: 1 } });

    const policy = { mrEnclave: ['00'.repeat(32)], allowSimulation: true };
    await writeFile(file('other.json'), JSON.stringify(policy));
    const options = ['--url', url, '--policy', file('other.json'), '--root', file('root.der')];
    const refused = await runClient('signing-service', ...options, functionHash);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('ERR_EVIDENCE_REJECTED');
  });
});
