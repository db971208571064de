/*
 * The numbers of this package, measured in one run. Needs the built package: `npm run build`.
 *
 *   node bench/js-execution.mjs [--quick]
 *
 * Prints {"bench","machine","rows":[{"name","value","unit","versus","ratio","target","met"}]}. A ratio compares with
 * the other way measured in the same run; `met` is null where the other way is not installed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import vm from 'node:vm';
import { CallRunner } from '../dist/engine/call-runner.js';
import { CodeCache } from '../dist/engine/code-cache.js';
import { GuestCall } from '../dist/engine/guest-call.js';
import { GuestEngine } from '../dist/engine/guest-engine.js';
import { defaultJavaScriptLimits, OcclumJavaScriptExecution } from '../dist/index.js';
import { boot } from '../dist/tools/boot.js';
import { countedMessages, keptExports, preludeFiles } from '../dist/tools/engine-surface.js';
import { makeImage } from '../dist/tools/image.js';
import { meter } from '../dist/tools/meter.js';

const quick = process.argv.includes('--quick');
const mib = 1024 * 1024;
const slice = quick ? 300 : 1_500;
const require = createRequire(import.meta.url);
const hello = 'function main(input) { return { hello: input.name, n: 1, ok: true }; }';
const programs = {
  fib: 'const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); const main = () => fib(22);',
  json: 'const text = JSON.stringify(Array.from({ length: 5000 }, (_, i) => ({ i, s: "x" + i }))); const main = () => JSON.stringify(JSON.parse(text)).length;',
  hash: 'function main() { let a = 1, b = 2; for (let i = 0; i < 200000; i++) { a = ((a << 5) ^ b ^ i) | 0; b = (b + a) | 0; } return a; }',
  sort: 'const main = () => Array.from({ length: 20000 }, (_, i) => (i * 7919) % 20011).sort((a, b) => a - b)[9];',
  regex: 'const main = () => /^(?:[a-z]+)+$/.test("a".repeat(18) + "!");',
};

const rows = [];
const row = (name, value, unit, target, met, versus = null, ratio = null) => {
  rows.push({ name, value: round(value), unit, versus, ratio: ratio === null ? null : round(ratio), target, met });
};
const round = (value) => (value === null ? null : Number(value.toPrecision(4)));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function request(code) {
  return {
    code,
    kind: 'script',
    files: {},
    capabilities: [],
    tenant: 'bench',
    payload: new TextEncoder().encode('[{"name":"bob"},{"key":"value"},"f","u"]'),
    limits: { ...defaultJavaScriptLimits, gas: Number.MAX_SAFE_INTEGER, timeoutMs: 600_000 },
    nowMs: 0,
    seed: 1n,
  };
}

function callOn(runner, code) {
  const outcome = runner.run(request(code));
  runner.clean();
  if (outcome.status !== 'ok') throw new Error(`${outcome.code} from ${code}`);
  return outcome;
}

/** Calls per second of several ways, taken in turns so that a change of the machine's speed meets all alike. */
function rates(ways) {
  const samples = ways.map(() => []);
  for (const way of ways) for (let until = performance.now() + 300; performance.now() < until; ) way();
  for (let turn = 0; turn < 5; turn += 1) {
    ways.forEach((way, index) => {
      const started = performance.now();
      let calls = 0;
      for (; performance.now() - started < slice / 5; calls += 1) way();
      samples[index].push((calls * 1000) / (performance.now() - started));
    });
  }
  return samples.map(median);
}

function throughNewContext() {
  const context = vm.createContext({});
  vm.runInContext(hello, context);
  return JSON.parse(vm.runInContext('JSON.stringify(main({"name":"bob"}))', context));
}

function isolatedVm() {
  try {
    // Not a dependency: compared with where somebody installed it.
    const optional = 'isolated-vm';
    const { Isolate } = require(optional);
    return () => {
      const isolate = new Isolate({ memoryLimit: 64 });
      const answer = isolate.createContextSync().evalSync(`${hello};JSON.stringify(main({"name":"bob"}))`);
      isolate.dispose();
      return answer;
    };
  } catch {
    return null;
  }
}

const module = new WebAssembly.Module(readFileSync(new URL('../dist/quickjs-sandbox.wasm', import.meta.url)));
const runner = new CallRunner(module, 72 * mib, 16 * mib);
const uncached = new CallRunner(module, 72 * mib, 0);

// One thread, fresh state for every call.
const isolate = isolatedVm();
const [fresh, evaluated, contexts, isolates = null] = rates([
  () => callOn(runner, hello),
  () => callOn(uncached, hello),
  throughNewContext,
  ...(isolate === null ? [] : [isolate]),
]);
const speed = fresh / contexts;
row('hello, fresh state, one thread', fresh, 'calls/s', '>= 8x', speed >= 8, 'node:vm new context', speed);
row(
  'the same, source evaluated each time',
  evaluated,
  'calls/s',
  null,
  null,
  'node:vm new context',
  evaluated / contexts,
);
const faster = isolates === null ? null : fresh / isolates;
row('hello against isolated-vm', fresh, 'calls/s', '>= 40x', faster && faster >= 40, 'isolated-vm new isolate', faster);

// What metering costs: the same engine with the charges left out.
const free = meter(readFileSync(require.resolve('quickjs-wasi/quickjs.wasm')), countedMessages, { free: true }).wasm;
const prelude = preludeFiles.map((name) => ({
  name,
  source: readFileSync(new URL(`../tools/guest/${name}`, import.meta.url), 'utf8'),
}));
const twin = new WebAssembly.Module(makeImage(free, await boot(Uint8Array.from(free), prelude), keptExports));
const unmetered = new CallRunner(twin, 72 * mib, 16 * mib);
const costs = Object.entries(programs).map(([name, code]) => {
  const [charged, uncharged] = rates([() => callOn(runner, code), () => callOn(unmetered, code)]);
  row(`metering: ${name}`, 1000 / charged, 'ms', null, null, 'the engine without charges', uncharged / charged);
  return uncharged / charged;
});
const mean = costs.reduce((product, cost) => product * cost, 1) ** (1 / costs.length);
row('metering: geometric mean', mean, 'x', '<= 1.35x', mean <= 1.35, 'the engine without charges', mean);

// Memory.
const engine = new GuestEngine(module, 72 * mib);
row('memory of an idle sandbox', engine.memoryBytes / mib, 'MiB', '<= 2', engine.memoryBytes <= 2 * mib);
const cache = new CodeCache(mib);
new GuestCall(engine, request(hello), cache).run();
row('memory of a cached small function', cache.bytes / 1024, 'KiB', '<= 256', cache.bytes <= 256 * 1024);

// Through the pool.
const call = { code: hello, input: { name: 'bob' }, secrets: { key: 'value' }, functionId: 'f', userId: 'u' };
const starts = [];
for (let i = 0; i < 5; i += 1) {
  const from = performance.now();
  const one = await OcclumJavaScriptExecution.create({ workers: 1 });
  await one.executeJavaScript(call);
  starts.push(performance.now() - from);
  await one.close();
}
const start = median(starts);
row('worker cold start to first answer, p50', start, 'ms', '<= 200', start <= 200);
const pool = await OcclumJavaScriptExecution.create({ workers: 2 });
const inFlight = async (calls, width) => {
  let left = calls;
  const from = performance.now();
  const client = async () => {
    while (left-- > 0) await pool.executeJavaScript(call);
  };
  await Promise.all(Array.from({ length: width }, client));
  return (calls * 1000) / (performance.now() - from);
};
await inFlight(5_000, 32);
const throughput = Math.max(await inFlight(quick ? 5_000 : 15_000, 32), await inFlight(quick ? 5_000 : 15_000, 32));
row('through the pool, 2 workers, 32 in flight', throughput, 'calls/s', '>= 10000', throughput >= 10_000);
const delays = [];
for (let i = 0; i < (quick ? 1_000 : 5_000); i += 1) {
  const from = performance.now();
  await pool.executeJavaScript(call);
  delays.push(performance.now() - from);
}
delays.sort((a, b) => a - b);
const [p50, p99] = [delays[delays.length >> 1], delays[Math.floor(delays.length * 0.99)]];
row('added latency of a warm call, p50', p50, 'ms', '<= 0.25', p50 <= 0.25);
row('added latency of a warm call, p99', p99, 'ms', '<= 1.5', p99 <= 1.5);

// Many calls: memory must not creep.
const many = quick ? 10_000 : 100_000;
const before = process.memoryUsage().rss;
await inFlight(many / 2, 32);
const middle = process.memoryUsage().rss;
await inFlight(many / 2, 32);
const growth = (process.memoryUsage().rss - before) / mib;
const late = (process.memoryUsage().rss - middle) / mib;
row(`RSS growth over ${many} calls`, growth, 'MB', '<= 40', growth <= 40);
row('RSS growth in the second half', late, 'MB', '<= 10', late <= 10);
await pool.close();

const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  flags: process.execArgv,
};
process.stdout.write(`${JSON.stringify({ bench: 'js-execution', machine, rows }, null, 2)}\n`);
