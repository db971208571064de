// npm run -s bench -- NAME [--json]: runs bench/NAME.mjs (or dist/bench/NAME.js) of any package, app or of enclave-image; without NAME lists them.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './run-steps.mjs';

const [name, ...args] = process.argv.slice(2);
const programs = new Map();
const inside = (folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
for (const folder of [...inside('packages'), ...inside('apps'), 'enclave-image']) {
  for (const place of ['bench', 'dist/bench']) {
    const base = join(root, folder, place);
    if (!existsSync(base)) continue;
    for (const file of readdirSync(base)) {
      const bench = /^([a-z-]+)\.m?js$/.exec(file)?.[1];
      if (bench) programs.set(bench, join(base, file));
    }
  }
}
const program = programs.get(name);
if (!program) {
  process.stderr.write(`usage: npm run -s bench -- NAME [--json]\nbenchmarks: ${[...programs.keys()].join(', ')}\n`);
  process.exit(1);
}
ensureBuilt();
process.exit(spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' }).status ?? 1);
