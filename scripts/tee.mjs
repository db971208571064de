// npm run -s tee -- …: the CLI from this checkout. stdout belongs to the command alone.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, root } from './run-steps.mjs';

ensureBuilt();
const env = { ...process.env };
// A checkout is for development: without a genuine Occlum named, it simulates. Every answer says so in its `mode`.
// An installed neo-tee never chooses simulation by itself.
if (env.OCCLUM_SIMULATION === undefined && env.OCCLUM_PATH === undefined) env.OCCLUM_SIMULATION = '1';
const run = spawnSync(process.execPath, [join(root, 'apps', 'host', 'bin', 'neo-tee.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
});
process.exit(run.status ?? 1);
