// The README's path, as a newcomer walks it, in folders outside of the checkout: pack, init, install, test, dev, change,
// deploy, secret, call; then the receipt is verified in a project that has the client and nothing of this machine's trust.
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packPackages } from './pack-packages.mjs';
import { root } from './run-steps.mjs';

const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'newcomer-'));
const project = join(scratch, 'my-oracle');
const auditor = join(scratch, 'auditor');
// Nothing of this checkout but what is installed; the cache of npm may be the machine's.
const { PATH, HOME } = process.env;
const env = { PATH, HOME, ...(process.env.npm_config_cache ? { npm_config_cache: process.env.npm_config_cache } : {}) };
const npmOptions = ['--no-audit', '--no-fund', '--prefer-offline'];
const neoTee = join(project, 'node_modules', '.bin', 'neo-tee');
let dev = null;

try {
  const packages = await walk('npm run pack', () => packPackages(join(scratch, 'packed')));
  const port = String(await freePort());
  await walk('neo-tee init', () => {
    const program = join(root, 'apps', 'host', 'bin', 'neo-tee.js');
    const args = [program, 'init', project, '--packages', join(scratch, 'packed'), '--port', port];
    return run(process.execPath, args, { env });
  });
  await walk('npm install', () => run('npm', ['install', ...npmOptions], { cwd: project, env }));
  await walk('npm test', () => run('npm', ['test'], { cwd: project, env }));
  await walk('npm run types', () => run('npm', ['run', 'types'], { cwd: project, env }));
  const output = await walk('npm run dev', startDev);
  await walk('change the function', async () => {
    const file = join(project, 'functions', 'price.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Number(margin)', '(Number(margin) * 2)'));
    await output('"price":13,');
  });
  await walk('neo-tee deploy', () => tee(['deploy', 'functions/price.ts']));
  await walk('neo-tee secrets set', () => tee(['secrets', 'set', 'margin'], '0.5'));
  const outcome = await walk('neo-tee call', () =>
    tee(['call', 'price', '--input', '{"prices":[10,12,99]}', '--receipt', 'price.receipt']),
  );
  expect('the price', outcome.result.price, 24);
  const verify = [
    'receipt',
    'verify',
    'price.receipt',
    '--policy',
    'policy.json',
    '--root',
    '.tee/simulation-root.der',
  ];
  await walk('neo-tee receipt verify', () =>
    tee([...verify, '--function', 'functions/price.ts', '--output', JSON.stringify(outcome.result)]),
  );
  await walk('verify elsewhere', () => verifyElsewhere(packages));
} catch (error) {
  process.stdout.write(`FAIL  ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}\n`);
  process.exitCode = 1;
} finally {
  dev?.kill('SIGINT');
  if (dev !== null) await new Promise((resolve) => dev.once('close', resolve));
  rmSync(scratch, { recursive: true, force: true });
}

async function walk(what, action) {
  const began = performance.now();
  try {
    const result = await action();
    process.stdout.write(`ok    ${what} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
    return result;
  } catch (error) {
    error.message = `${what}: ${error.message}`;
    throw error;
  }
}

/** Runs a command of the project's own CLI, and gives its document. */
async function tee(args, input = '') {
  const running = run(neoTee, [...args, '--json'], { cwd: project, env });
  running.child.stdin.end(input);
  return JSON.parse((await running).stdout);
}

/** Starts `npm run dev` and waits until it watches. @returns waits until all of these words have been said */
async function startDev() {
  dev = spawn(neoTee, ['dev'], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [dev.stdout, dev.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const output = async (...words) => {
    const deadline = Date.now() + 60_000;
    while (!words.every((word) => said.includes(word))) {
      if (dev.exitCode !== null || Date.now() > deadline) throw new Error(`no ${words.join(', ')} in:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await output('watching');
  expect('an error in what dev says', /ERR_/.test(said) ? said : null, null);
  await output('"price":12.75');
  return output;
}

/** A project of somebody who was handed a receipt, and knows which enclave to accept. */
async function verifyElsewhere(packages) {
  mkdirSync(auditor);
  for (const name of ['price.receipt', 'price.receipt.evidence', 'policy.json'])
    cpSync(join(project, name), join(auditor, name));
  cpSync(join(project, '.tee/simulation-root.der'), join(auditor, 'root.der'));
  const wanted = ['attestation', 'tee-client'].map((name) => `@neo-service-layer/${name}`);
  const tarballOf = (name) => `file:${packages.find((packed) => packed.name === name).tarball}`;
  const dependencies = Object.fromEntries(wanted.map((name) => [name, tarballOf(name)]));
  // What these two depend on is not at a registry either.
  const overrides = Object.fromEntries(
    packages.filter(({ name }) => !wanted.includes(name)).map(({ name }) => [name, tarballOf(name)]),
  );
  writeFileSync(
    join(auditor, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies, overrides }),
  );
  await run('npm', ['install', ...npmOptions], { cwd: auditor, env });
  writeFileSync(
    join(auditor, 'verify.mjs'),
    `import { readFileSync } from 'node:fs';
import { parsePolicy } from '@neo-service-layer/attestation';
import { verifyReceipt } from '@neo-service-layer/tee-client/receipt';
const receipt = new Uint8Array(readFileSync('price.receipt'));
const evidence = new Uint8Array(readFileSync('price.receipt.evidence'));
const policy = parsePolicy(JSON.parse(readFileSync('policy.json', 'utf8')));
const options = { now: Date.now() / 1000, trustAnchors: [new Uint8Array(readFileSync('root.der'))] };
const judge = async (document, accepted) => (await verifyReceipt(document, evidence, accepted, options)).ok;
const changed = receipt.with(receipt.length - 10, receipt.at(-10) ^ 1);
console.log(await judge(receipt, policy), await judge(changed, policy), await judge(receipt, { ...policy, mrEnclave: ['00'.repeat(32)] }));
`,
  );
  const { stdout } = await run(process.execPath, ['verify.mjs'], { cwd: auditor, env });
  expect('genuine, changed, of another enclave', stdout.trim(), 'true false false');
}

function expect(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, found ${actual}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
