// Installs with the pinned pnpm when node_modules is missing, unfinished or older than the lockfile.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const mtime = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// pnpm writes .modules.yaml last, so a killed install is seen as not installed.
const installed = mtime('node_modules/.modules.yaml');
if (installed === 0 || installed < mtime('pnpm-lock.yaml')) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Progress goes to stderr: stdout belongs to the command that asked for the install.
  const run = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) {
    process.stderr.write('\nInstalling failed. This needs Node >= 20.19, npm and the npm registry.\n');
    process.exit(run.status ?? 1);
  }
}
