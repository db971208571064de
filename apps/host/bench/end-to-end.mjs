// npm run -s bench -- end-to-end [--quick] [--json]: a function called by a remote client, through the HTTP relay and the
// host link, in a simulated enclave: latency at 100 calls/s (open loop), calls/s saturated, and the same function in the
// same sandbox called in process, all in one run. CPU time is that of each process, from /proc.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { ephemeralUserKey, HttpTransport, TeeClient, WebSocketTransport } from '@neo-service-layer/tee-client';
import { WebSocket } from 'ws';

const quick = process.argv.includes('--quick');
const openLoopSeconds = quick ? 4 : 20;
const saturatedSeconds = quick ? 3 : 10;
const rate = 100;
const atOnce = 32;
const call = {
  code: 'function main(input) { return "hello " + input.name; }',
  functionId: 'hello',
  input: { name: 'Neo' },
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const progress = (text) => process.stderr.write(`${text}\n`);
const round = (value) => Number(value.toPrecision(3));

const rows = [];
function row(name, value, unit, { versus = null, ratio = null, most, least } = {}) {
  const target = most === undefined ? (least === undefined ? null : `>= ${least}`) : `<= ${most}`;
  const met = most === undefined ? (least === undefined ? null : value >= least) : value <= most;
  rows.push({ name, value: round(value), unit, versus, ratio: ratio === null ? null : round(ratio), target, met });
}

/** Microseconds of CPU that a process has used, with its threads. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** The processes of a group. */
function groupOf(pgid) {
  const pids = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ');
      if (Number(stat[2]) === pgid) pids.push(Number(name));
    } catch {
      // It ended while we looked.
    }
  }
  return pids;
}

const home = mkdtempSync(join(tmpdir(), 'tee-bench-'));
const env = { PATH: process.env.PATH, HOME: home, TEE_HOME: home, OCCLUM_SIMULATION: '1' };
if (process.env.OCCLUM_SIM_NO_ROOTFS) env.OCCLUM_SIM_NO_ROOTFS = process.env.OCCLUM_SIM_NO_ROOTFS;
const program = new URL('../bin/neo-tee.js', import.meta.url).pathname;
progress('building and starting the enclave');
const host = spawn(process.execPath, [program, 'serve', '--port', '0', '--exit-with-stdin'], {
  env,
  stdio: ['pipe', 'pipe', 'ignore'],
});
const events = [];
let tail = '';
host.stdout.setEncoding('utf8').on('data', (text) => {
  const lines = (tail + text).split('\n');
  tail = lines.pop() ?? '';
  for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
});
async function event(name) {
  for (;;) {
    const found = events.find((one) => one.event === name);
    if (found) return found;
    if (host.exitCode !== null) throw new Error('the host ended');
    await sleep(20);
  }
}
const { url, mrEnclave } = await event('listening');
const { pid: enclaveGroup } = await event('enclave-started');
const trustAnchors = [(await SimulatedPlatform.open(join(home, 'platform'))).rootCertificate];
const policy = { mrEnclave: [mrEnclave], allowSimulation: true };
const transports = {
  'HTTP POST': () => new HttpTransport(url),
  WebSocket: () => new WebSocketTransport(url, { WebSocket }),
};

/** Keeps so many calls under way for a time; calls per second. */
async function saturate(invoke, seconds) {
  let made = 0;
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  const worker = async () => {
    while (performance.now() < end) {
      await invoke();
      made += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { made, perSecond: (made / (performance.now() - start)) * 1000 };
}

/** Makes calls at a steady rate, whether earlier ones have ended or not; the times they took, in order. */
async function openLoop(invoke, seconds) {
  const times = [];
  const start = performance.now();
  const calls = [];
  for (let index = 0; index < rate * seconds; index += 1) {
    const due = start + (index * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    // From when it was due, unless the timer alone was late: a generator that falls behind must not hide what callers would
    // have waited.
    const made = performance.now();
    const from = made - due < 2 ? made : due;
    calls.push(invoke().then(() => times.push(performance.now() - from)));
  }
  await Promise.all(calls);
  return times.sort((a, b) => a - b);
}

const sandbox = await OcclumJavaScriptExecution.create({ workers: 2 });
const inProcess = () => sandbox.executeJavaScript({ ...call, secrets: {}, userId: 'bench' });
progress('warming up');
await saturate(inProcess, quick ? 1 : 3);
for (const [name, transport] of Object.entries(transports)) {
  progress(`${name}: ${rate} calls/s for ${openLoopSeconds} s, then ${atOnce} at once for ${saturatedSeconds} s`);
  const client = await TeeClient.connect({
    transport: transport(),
    policy,
    trustAnchors,
    user: await ephemeralUserKey(`bench ${name}`),
  });
  const invoke = () => client.executeJavaScript(call);
  await saturate(invoke, quick ? 1 : 3);
  const times = await openLoop(invoke, openLoopSeconds);
  row(`${name}: median at ${rate} calls/s`, times[times.length >> 1], 'ms', { most: 1.5 });
  row(`${name}: p99 at ${rate} calls/s`, times[Math.floor(times.length * 0.99)], 'ms', { most: 8 });
  // In process and remote by turns, so that both meet the same machine.
  const best = { remote: 0, local: 0 };
  let cpu = null;
  for (let turn = 0; turn < 3; turn += 1) {
    const local = await saturate(inProcess, saturatedSeconds / 3);
    const pids = { host: [host.pid], enclave: groupOf(enclaveGroup), client: [process.pid] };
    const before = Object.fromEntries(
      Object.entries(pids).map(([who, list]) => [who, list.reduce((sum, pid) => sum + cpuOf(pid), 0)]),
    );
    const remote = await saturate(invoke, saturatedSeconds / 3);
    if (remote.perSecond > best.remote) {
      cpu = Object.entries(pids).map(([who, list]) => [
        who,
        (list.reduce((sum, pid) => sum + cpuOf(pid), 0) - before[who]) / remote.made,
      ]);
    }
    best.remote = Math.max(best.remote, remote.perSecond);
    best.local = Math.max(best.local, local.perSecond);
  }
  row(`${name}: saturated`, best.remote, 'calls/s', { least: 2500 });
  row(`${name}: saturated, of the same sandbox in process`, best.remote / best.local, 'ratio', {
    versus: `${Math.round(best.local)} calls/s in process`,
    ratio: best.remote / best.local,
    least: 0.6,
  });
  for (const [who, microseconds] of cpu ?? []) row(`${name}: ${who}, for each call`, microseconds, 'us CPU');
  await client.dispose();
}
await sandbox.close();
host.stdin.end();
await new Promise((resolve) => host.once('exit', resolve));
rmSync(home, { recursive: true, force: true });

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;
process.stdout.write(`${JSON.stringify({ bench: 'end-to-end', machine, rows }, null, 2)}\n`);
