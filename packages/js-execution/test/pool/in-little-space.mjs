// Runs the service as an enclave does, in an address space as small as an enclave's; prints what became of it as JSON.
import { OcclumJavaScriptExecution } from '../../dist/index.js';

const execution = await OcclumJavaScriptExecution.create({ workers: 2 });
const call = { input: null, secrets: {}, functionId: 'f', userId: 'u' };
const codeOf = async (run) =>
  run.then(
    ({ result }) => result,
    ({ code }) => code,
  );
const grow = 'function main() { const kept = []; for (;;) kept.push(new Uint8Array(1e6).fill(1)); }';
const endless = 'function main() { const a = new Uint8Array(4e7); for (;;) a.fill(1); }';
while (execution.stats().spareWorkers === 0) await new Promise((resolve) => setTimeout(resolve, 20));
const limits = { gas: Number.MAX_SAFE_INTEGER, timeoutMs: 500 };
const outcomes = [];
for (let round = 0; round < 3; round += 1) {
  const calls = [
    { ...call, code: grow },
    { ...call, code: 'const main = (): number => 1;', kind: 'ts' },
    { ...call, code: grow, userId: 'v' },
    { ...call, code: endless, limits: round === 0 ? limits : { gas: 1_000_000 } },
  ];
  outcomes.push(await Promise.all(calls.map((one) => codeOf(execution.executeJavaScript(one)))));
}
process.stdout.write(JSON.stringify({ outcomes, stats: execution.stats() }));
await execution.close();
