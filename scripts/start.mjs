// npm start: installs, builds, and runs the main job in simulation with a readable report.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, root } from './run-steps.mjs';

const began = performance.now();
ensureBuilt();
const run = spawnSync(process.execPath, [join(root, 'apps', 'host', 'dist', 'bundle', 'demo.js')], {
  cwd: root,
  env: { ...process.env, OCCLUM_SIMULATION: '1', TEE_SETUP_MS: String(Math.round(performance.now() - began)) },
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
