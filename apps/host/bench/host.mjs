// npm run -s bench -- host [--seconds N] [--connections N] [--enclaves N] [--json]: clients that each keep one call under way, beside
// clients that are slow or send too much; half way the enclave that serves them (the keeper of the pool) is killed. What happened before the kill and after it is
// counted apart. Client and host share the machine: look at the load in `machine` before the latencies.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { ephemeralUserKey, HttpTransport, TeeClient } from '@neo-service-layer/tee-client';
import { isTeeError } from '@neo-service-layer/tee-interface';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    connections: { type: 'string', default: '200' },
    enclaves: { type: 'string', default: '2' },
    json: { type: 'boolean' },
  },
});
const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
const slowClients = 20;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const progress = (text) => process.stderr.write(`${text}\n`);
const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const home = mkdtempSync(join(tmpdir(), 'tee-load-'));
mkdirSync(join(home, 'instances'));
const quota = {
  concurrentCalls: 1000,
  callsPerMinute: 1_000_000,
  gasPerMinute: 1e15,
  storedBytes: 2 ** 30,
  storedEntries: 1_000_000,
};
writeFileSync(join(home, 'instances', 'runtime.image.json'), JSON.stringify({ configuration: { users: { quota } } }));
const env = { PATH: process.env.PATH, HOME: home, TEE_HOME: home, OCCLUM_SIMULATION: '1', TEE_HEADER_SECONDS: '2' };
if (process.env.OCCLUM_SIM_NO_ROOTFS) env.OCCLUM_SIM_NO_ROOTFS = process.env.OCCLUM_SIM_NO_ROOTFS;
const program = new URL('../bin/neo-tee.js', import.meta.url).pathname;
const host = spawn(
  process.execPath,
  [program, 'serve', '--port', '0', '--enclaves', values.enclaves, '--exit-with-stdin'],
  {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  },
);
const events = [];
let tail = '';
host.stdout.setEncoding('utf8').on('data', (text) => {
  const lines = (tail + text).split('\n');
  tail = lines.pop() ?? '';
  for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
});
async function event(name, since = 0) {
  for (;;) {
    const found = events.slice(since).find((one) => one.event === name);
    if (found) return found;
    if (host.exitCode !== null) throw new Error('the host ended');
    await sleep(20);
  }
}
const { url, mrEnclave } = await event('listening');
const { pid: enclaveGroup } = await event('keeper');
while (events.filter((one) => one.event === 'enclave-started').length < Number(values.enclaves)) await sleep(50);
const trustAnchors = [(await SimulatedPlatform.open(join(home, 'platform'))).rootCertificate];

let killedAt = null;
let isOver = false;
const inFlight = new Set();
const lost = { milliseconds: [], codes: new Map() };
const add = (map, code) => map.set(code, (map.get(code) ?? 0) + 1);

/** fetch, with what was under way when the enclave was killed, and what the host answered it, noted down. */
async function watchedFetch(input, init) {
  const one = { wasInFlight: false };
  inFlight.add(one);
  try {
    const response = await fetch(input, init);
    if (one.wasInFlight) {
      lost.milliseconds.push(performance.now() - killedAt);
      add(lost.codes, response.ok ? 'answered' : (await response.clone().json()).code);
    }
    return response;
  } catch (error) {
    if (one.wasInFlight) add(lost.codes, 'no answer');
    throw error;
  } finally {
    inFlight.delete(one);
  }
}

const call = { code: 'function main(input) { return "hello " + input.name; }', functionId: 'hello' };
const before = { times: [], codes: new Map() };
const after = { right: 0, codes: new Map() };
let wrong = 0;
let backAfter = null;
const clients = [];
for (let name = 0; name < connections; name += 1) {
  const transport = new HttpTransport(url, { timeoutMs: 15_000, fetch: watchedFetch });
  const policy = { mrEnclave: [mrEnclave], allowSimulation: true };
  const user = await ephemeralUserKey(`client ${name}`);
  clients.push(await TeeClient.connect({ transport, policy, trustAnchors, user }));
}
progress(`${connections} clients are connected`);

async function keepCalling(client, name) {
  while (!isOver) {
    const from = performance.now();
    const isAfter = killedAt !== null;
    try {
      const { result } = await client.executeJavaScript({ ...call, input: { name } });
      if (result !== `hello ${name}`) wrong += 1;
      if (killedAt === null) before.times.push(performance.now() - from);
      else if (isAfter) {
        after.right += 1;
        backAfter ??= performance.now() - killedAt;
      }
    } catch (error) {
      add((killedAt === null ? before : after).codes, isTeeError(error) ? error.code : 'untyped');
      await sleep(50);
    }
  }
}

const refusals = { slow: 0, large: 0, wrong: 0 };
/** What a bare socket is answered until the host closes it. */
function raw(bytes) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connectSocket(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
async function disturb(kind, bytes, status) {
  while (!isOver) {
    const answer = await raw(bytes);
    if (answer.startsWith(`HTTP/1.1 ${status} `)) refusals[kind] += 1;
    else refusals.wrong += 1;
    await sleep(100);
  }
}
const tooLarge = `POST /v1/channel HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/cbor\r\ncontent-length: ${2 ** 30}\r\n\r\n`;
const disturbing = Promise.all([
  ...Array.from({ length: slowClients }, () =>
    disturb('slow', 'GET /v1/evidence HTTP/1.1\r\nhost: x\r\nx-slow: ', 408),
  ),
  disturb('large', tooLarge, 413),
]);

/** Megabytes that the keeper's processes have resident. */
async function keeperMemory() {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/tee_enclave_resident_bytes\{member="\d+",role="keeper"\} (\d+)/.exec(text)?.[1] ?? 0) / 1e6;
}

const memory = [];
const ofKeeper = [];
const calling = Promise.all(clients.map(keepCalling));
for (let second = 0; second < Math.max(2, seconds / 2); second += 0.5) {
  await sleep(500);
  memory.push(rss(host.pid));
  if (Number.isInteger(second)) ofKeeper.push(await keeperMemory());
}
progress('killing the enclave');
// Halted first: what is under way then has no answer on its way, and is lost for certain.
process.kill(-enclaveGroup, 'SIGSTOP');
await sleep(1000);
const since = events.length;
process.kill(-enclaveGroup, 'SIGKILL');
killedAt = performance.now();
for (const one of inFlight) one.wasInFlight = true;
await event('keeper', since);
const startedAfter = performance.now() - killedAt;
const { startMs } = await event('enclave-started', since);
const wholeAfter = performance.now() - killedAt;
await sleep(Math.max(2, seconds / 2) * 1000);
isOver = true;
await Promise.all([calling, disturbing]);
host.stdin.end();
await new Promise((resolve) => host.once('exit', resolve));
rmSync(home, { recursive: true, force: true });

const times = before.times.sort((a, b) => a - b);
const at = (part) => times[Math.floor(times.length * part)] ?? 0;
const busy = before.codes.get('ERR_BUSY') ?? 0;
const others = [...before.codes.values()].reduce((sum, n) => sum + n, 0) - busy;
const untyped = (before.codes.get('untyped') ?? 0) + (after.codes.get('untyped') ?? 0);
const mean = (list) => list.reduce((sum, n) => sum + n, 0) / Math.max(1, list.length);
/** The mean of the last quarter to that of the second: what is warmed up, and what comes after. */
function growthOf(list) {
  const quarter = Math.max(1, Math.floor(list.length / 4));
  return mean(list.slice(-quarter)) / (mean(list.slice(quarter, 2 * quarter)) || 1);
}
const [growth, growthOfKeeper] = [growthOf(memory), growthOf(ofKeeper)];
const slowest = Math.max(0, ...lost.milliseconds);
const told = lost.codes.get('ERR_ENCLAVE_LOST') ?? 0;
const unanswered = lost.codes.get('no answer') ?? 0;
const row = (name, value, unit, target = null, met = null) => ({
  name,
  value,
  unit,
  versus: null,
  ratio: null,
  target,
  met,
});
const rows = [
  row('calls before the kill', times.length, 'calls'),
  row('latency, median', at(0.5), 'ms'),
  row('latency, p99', at(0.99), 'ms'),
  row('wrong results', wrong, 'calls', 0, wrong === 0),
  row('errors before the kill: ERR_BUSY', busy, 'calls'),
  row('errors before the kill: others', others, 'calls', 0, others === 0),
  row('errors without a type', untyped, 'calls', 0, untyped === 0),
  row('slow clients given up', refusals.slow, 'sockets'),
  row('bodies refused as too large', refusals.large, 'requests'),
  row('slow or large, answered otherwise', refusals.wrong, 'sockets', 0, refusals.wrong === 0),
  row('lost calls that were told ERR_ENCLAVE_LOST', told, 'requests'),
  row('lost calls without an answer', unanswered, 'requests', 0, unanswered === 0),
  row('answer to the last of the lost calls after', slowest, 'ms', '<= 1000', slowest <= 1000),
  row('an enclave is the keeper again after', startedAfter, 'ms'),
  row('all enclaves serve again after', wholeAfter, 'ms'),
  row('of that, the start of one', startMs, 'ms'),
  row('first right result after', backAfter ?? Number.MAX_SAFE_INTEGER, 'ms', '<= 3000', (backAfter ?? 1e9) <= 3000),
  row('calls after the kill', after.right, 'calls'),
  row('memory of the host, last quarter to second', growth, 'ratio', '<= 1.2', growth <= 1.2),
  row('memory of the keeper, last quarter', mean(ofKeeper.slice(-Math.ceil(ofKeeper.length / 4))), 'MB'),
  row('memory of the keeper, last quarter to second', growthOfKeeper, 'ratio', '<= 1.2', growthOfKeeper <= 1.2),
];
const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;
const codes = {
  before: Object.fromEntries(before.codes),
  lost: Object.fromEntries(lost.codes),
  after: Object.fromEntries(after.codes),
};
if (values.json)
  console.log(
    JSON.stringify(
      { bench: 'host', machine, seconds, connections, enclaves: Number(values.enclaves), codes, rows },
      null,
      2,
    ),
  );
else {
  console.log(`host: ${connections} connections, ${seconds} s, ${values.enclaves} enclaves, ${machine}`);
  for (const { name, value, unit, target, met } of rows) {
    const verdict = met === null ? '' : met ? `  met (${target})` : `  NOT MET (${target})`;
    console.log(`  ${name.padEnd(48)} ${String(Number(value.toFixed(2))).padStart(9)} ${unit}${verdict}`);
  }
  console.log(`  errors: ${JSON.stringify(codes)}`);
}
