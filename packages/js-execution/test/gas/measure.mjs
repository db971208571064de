// Prints what the reference programs answer and cost in this process, as JSON. `--update` writes the gas table.
import { readFileSync, writeFileSync } from 'node:fs';
import { CallRunner } from '../../dist/engine/call-runner.js';
import { referencePrograms } from '../../dist/engine/reference-programs.js';
import { runReference } from '../../dist/engine/self-test.js';

const module = new WebAssembly.Module(readFileSync(new URL('../../dist/quickjs-sandbox.wasm', import.meta.url)));
const runner = new CallRunner(module, 72 * 1024 * 1024, 0);
const results = referencePrograms.map(({ code }) => runReference(runner, code));
process.stdout.write(JSON.stringify(results));

if (process.argv.includes('--update')) {
  const file = new URL('../../src/engine/reference-programs.ts', import.meta.url);
  let index = -1;
  let gasIndex = -1;
  const text = readFileSync(file, 'utf8')
    .replace(/^ {4}json: '.*',$/gm, () => `    json: '${results[++index].json}',`)
    .replace(/^ {4}gas: .*,$/gm, () => `    gas: ${results[++gasIndex].gas},`);
  writeFileSync(file, text);
}
