// What the root commands share: running a step with its output on stderr, and making sure that dist is built.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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

// Written last, so that a build that was killed halfway is seen as none.
const builtStamp = join(root, 'node_modules', '.built');

/** Installs if needed, then builds if any source is newer than the last build that succeeded. */
export function ensureBuilt() {
  step(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')]);
  const built = mtime(builtStamp);
  if (built > 0 && packages().every((folder) => isBuilt(folder, built))) return;
  const began = Date.now();
  step('turbo', ['run', 'build', '--output-logs=errors-only', '--log-order=grouped']);
  writeFileSync(builtStamp, '');
  // A source that was saved while it was built must be built again.
  utimesSync(builtStamp, began / 1000, began / 1000);
}

function packages() {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  );
  return [...folders, join(root, 'enclave-image')].filter((folder) => mtime(join(folder, 'package.json')) > 0);
}

function isBuilt(folder, built) {
  const sources = ['package.json', 'src', 'tools', 'files', 'public', 'index.html', 'vite.config.ts'].map((name) =>
    join(folder, name),
  );
  const isThere = ['index.js', 'index.html'].some((name) => mtime(join(folder, 'dist', name)) > 0);
  return isThere && sources.every((path) => newest(path) <= built);
}

function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function mtime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
