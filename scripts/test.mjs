// npm test: installs, then drives every check and test through turbo, and ends with the line
// `N passed, N failed, N skipped`. A check (lint, types, layers, unused, packed, newcomer) counts as one test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, step, toolEnvironment } from './run-steps.mjs';

const ci = process.env.CI === 'true';
step(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')]);

const workspaces = [
  ...['packages', 'apps'].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name))),
  join(root, 'enclave-image'),
].filter((folder) => existsSync(join(folder, 'package.json')));
// Counts of an earlier run must not be added up; turbo puts those of cached tasks back.
for (const folder of workspaces) rmSync(join(folder, '.test-results'), { recursive: true, force: true });
rmSync(join(root, '.turbo', 'runs'), { recursive: true, force: true });

// CI takes nothing from an earlier run.
const ownCache = ci ? mkdtempSync(join(tmpdir(), 'turbo-')) : null;
const env = { ...toolEnvironment, ...(ownCache === null ? {} : { TURBO_CACHE_DIR: ownCache }) };
const tasks = ['lint', 'typecheck', 'layers', 'unused', 'packed', 'newcomer', 'test', 'test:cli'];
for (const task of ['e2e:rooted:enclave', 'e2e:rooted:signer', 'e2e:unrooted:enclave', 'e2e:unrooted:signer'])
  tasks.push(task);
// What fails to build is told by the run below. Building before testing lets the longest tests begin first and the two
// lanes end together.
spawnSync('turbo', ['run', 'build', '--concurrency=2', '--output-logs=none'], { cwd: root, env, stdio: 'ignore' });
const turbo = spawnSync(
  'turbo',
  [
    'run',
    ...tasks,
    '--continue=dependencies-successful',
    '--summarize',
    // Two tasks at a time, each testing with one worker: tests with deadlines need a core to themselves.
    '--concurrency=2',
    '--output-logs=new-only',
  ],
  { cwd: root, env, stdio: 'inherit' },
);
if (ownCache !== null) rmSync(ownCache, { recursive: true, force: true });

const counts = { passed: 0, failed: 0, skipped: 0 };
const skippedNames = [];
for (const folder of workspaces) {
  const results = join(folder, '.test-results');
  if (!existsSync(results)) continue;
  for (const file of readdirSync(results).filter((name) => name.endsWith('.json'))) {
    const run = JSON.parse(readFileSync(join(results, file), 'utf8'));
    counts.passed += run.passed;
    counts.failed += run.failed;
    counts.skipped += run.skipped;
    skippedNames.push(...run.skippedNames);
  }
}
const failures = [];
for (const task of summarizedTasks()) {
  const failed = task.execution === undefined || task.execution.exitCode !== 0;
  if (failed) failures.push(task.taskId);
  const isCheck = /^\/\/#(lint|typecheck|layers|unused|packed|newcomer)$/.test(task.taskId);
  if (isCheck) counts[failed ? 'failed' : 'passed'] += 1;
}
// A task that failed without a failed test (a crash, a build) is a failure all the same.
if (turbo.status !== 0 && counts.failed === 0) counts.failed = Math.max(1, failures.length);

if (skippedNames.length > 0) process.stdout.write(`\nskipped:\n${skippedNames.map((name) => `  ${name}\n`).join('')}`);
if (failures.length > 0) process.stdout.write(`\nfailed tasks:\n${failures.map((id) => `  ${id}\n`).join('')}`);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed > 0 || turbo.status !== 0 ? 1 : 0;

function summarizedTasks() {
  const runs = join(root, '.turbo', 'runs');
  if (!existsSync(runs)) return [];
  const [file] = readdirSync(runs).filter((name) => name.endsWith('.json'));
  const summary = file === undefined ? { tasks: [] } : JSON.parse(readFileSync(join(runs, file), 'utf8'));
  return summary.tasks.filter((task) => task.command !== '<NONEXISTENT>');
}
