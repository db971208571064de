// What the root commands share: running a step with its output on stderr, and making sure that dist is built.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The environment of tools: the workspace's binaries first, no telemetry. */
export const toolEnvironment = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
};

/** Runs a command; its stdout goes to stderr, so that stdout stays free for results. Exits when it fails. */
export function step(command, args) {
  const run = spawnSync(command, args, { cwd: root, env: toolEnvironment, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

/** Installs if needed, then builds if any source is newer than what was built from it. */
export function ensureBuilt({ always = false } = {}) {
  step(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')]);
  if (!always && packages().every(isBuilt)) return;
  step('turbo', ['run', 'build', '--output-logs=errors-only', '--log-order=grouped']);
}

function packages() {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  );
  return [...folders, join(root, 'enclave-image')].filter((folder) => mtime(join(folder, 'package.json')) > 0);
}

function isBuilt(folder) {
  const built = mtime(join(folder, 'dist', 'index.js'));
  return built > 0 && newest(join(folder, 'src')) <= newest(join(folder, 'dist'));
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : mtime(path));
  }
  return latest;
}

function mtime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
