import { fileURLToPath } from 'node:url';
import { errorLines } from '../cli/output.ts';
import { runDemo } from '../demo/demo.ts';
import { hostSettings } from '../enclave/settings.ts';

const setupMs = process.env['TEE_SETUP_MS'];
try {
  await runDemo({
    settings: hostSettings(process.env, process.cwd()),
    examples: fileURLToPath(new URL('../../../../examples', import.meta.url)),
    setupMs: setupMs === undefined ? null : Number(setupMs),
    hostArgs: process.argv.slice(2),
  });
} catch (error) {
  for (const line of errorLines(error)) process.stdout.write(`${line}\n`);
  process.exitCode = 1;
}
