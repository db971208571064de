// npm run -s bench -- soak [--seconds N] [--restart N] [--clients N] [--seed N] [--json]: clients call an enclave through a
// host that loses, delays, doubles, replays, cuts and changes messages, while the enclave is killed again and again. Every
// call must end in the right result or in a typed error, and no call may be made twice.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { always, delay, drop, duplicate, evilTransport, flipBit, truncate } from '@neo-service-layer/evil-host';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { ephemeralUserKey, HttpTransport, TeeClient } from '@neo-service-layer/tee-client';
import { bytesToHex, isTeeError } from '@neo-service-layer/tee-interface';

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values } = parseArgs({
  options: {
    seconds: number(600),
    restart: number(20),
    clients: number(50),
    seed: number(1),
    pause: number(2000),
    json: { type: 'boolean' },
  },
});
const [seconds, restart, clients, seed, pause] = ['seconds', 'restart', 'clients', 'seed', 'pause'].map((name) =>
  Number(values[name]),
);
const progress = (text) => process.stderr.write(`${text}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let state = seed;
/** A number below the given one; the same run for the same seed, as far as timing allows. */
function pick(below) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const rss = (pid) => {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};

/** The process of a group that holds the most memory: the enclave's Node, whatever started it. */
function enclaveRss(group) {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,pgid'], { encoding: 'utf8' });
  const pids = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, pgid]) => pgid === group);
  return Math.max(0, ...pids.map(([pid]) => rss(pid)));
}

// Each execution leaves a mark of its own, so that two of one call are seen even when they run at the same time. Now and
// then a client's old marks are counted and removed: what is kept must not grow for ever.
const code = `export default async (input) => {
  const mine = 'made/' + input.client + '/';
  const place = (call) => mine + String(call).padStart(8, '0') + '/';
  if (input.report) return (await storage.list('twice/')).length + countTwice(await storage.list('made/')).length;
  await storage.put(place(input.call) + Math.random(), 1);
  if (input.call % 40 === 39) {
    const marks = await storage.list(mine);
    for (const call of countTwice(marks)) await storage.put('twice/' + call, true);
    // Nothing of so long ago is replayed any more.
    for (const mark of marks.filter((mark) => mark < place(input.call - 60)).slice(0, 60)) await storage.delete(mark);
  }
  return input.client + '/' + input.call;
};
function countTwice(marks) {
  const [seen, twice] = [new Set(), new Set()];
  for (const call of marks.map((mark) => mark.slice(0, mark.lastIndexOf('/')))) (seen.has(call) ? twice : seen).add(call);
  return [...twice];
}`;

const home = mkdtempSync(join(tmpdir(), 'tee-soak-'));
mkdirSync(join(home, 'instances'));
const quota = {
  concurrentCalls: 1000,
  callsPerMinute: 1_000_000,
  gasPerMinute: 1e15,
  storedBytes: 2 ** 30,
  storedEntries: 1_000_000,
};
writeFileSync(join(home, 'instances', 'runtime.image.json'), JSON.stringify({ configuration: { users: { quota } } }));
const env = { PATH: process.env.PATH, HOME: home, TEE_HOME: home, OCCLUM_SIMULATION: '1' };
if (process.env.OCCLUM_SIM_NO_ROOTFS) env.OCCLUM_SIM_NO_ROOTFS = process.env.OCCLUM_SIM_NO_ROOTFS;
const program = new URL('../bin/neo-tee.js', import.meta.url).pathname;
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
async function event(name, since = 0) {
  for (;;) {
    const found = events.slice(since).find((one) => one.event === name);
    if (found) return found;
    if (host.exitCode !== null) throw new Error('the host ended');
    await sleep(20);
  }
}

let isOver = false;
const counts = { right: 0, wrong: 0, untyped: 0, codes: new Map() };
const note = (error) => {
  if (!isTeeError(error)) {
    counts.untyped += 1;
    progress(`an error without a type: ${error?.stack ?? error}`);
    return;
  }
  counts.codes.set(error.code, (counts.codes.get(error.code) ?? 0) + 1);
};

const sometimes = (one, inAThousand) => ({
  exchange: (crossing, carry) => (pick(1000) < inAThousand ? one().exchange(crossing, carry) : carry(crossing.message)),
});
const way = (direction) => [
  sometimes(() => drop(direction, always), 15),
  sometimes(() => truncate(direction, always, 1 + pick(40)), 8),
  sometimes(() => flipBit(direction, always, pick(4000)), 15),
];
const recorded = [];
/** Sends what crossed before once more, of any client and any boot. */
const replay = {
  exchange: async ({ message }, carry) => {
    recorded.push(message.slice());
    if (recorded.length > 500) recorded.shift();
    if (pick(100) < 10) await carry(recorded[pick(recorded.length)]).catch(() => {});
    return carry(message);
  },
};

function evil(honest) {
  const delays = sometimes(() => delay(always, pick(200)), 100);
  return evilTransport(
    honest,
    ...way('there'),
    ...way('back'),
    sometimes(() => duplicate(always), 80),
    replay,
    delays,
  );
}

const listening = await event('listening');
const trustAnchors = [(await SimulatedPlatform.open(join(home, 'platform'))).rootCertificate];
const connect = (user, transport) =>
  TeeClient.connect({
    transport,
    policy: { mrEnclave: [listening.mrEnclave], allowSimulation: true },
    trustAnchors,
    user,
  });
await event('enclave-started');
const ownerKey = await ephemeralUserKey('owner');
const owner = await connect(ownerKey, new HttpTransport(listening.url));
await owner.deployFunction({ functionId: 'once', kind: 'module', code, storage: true, invokers: 'everyone' });

async function client(name) {
  const user = await ephemeralUserKey(`client ${name}`);
  const transport = evil(new HttpTransport(listening.url, { timeoutMs: 15_000 }));
  let tee = null;
  for (let call = 0; !isOver; call += 1) {
    await sleep(pick(pause));
    try {
      tee ??= await connect(user, transport);
      const input = { client: name, call };
      const { result } = await tee.invokeFunction({ functionId: 'once', owner: bytesToHex(ownerKey.publicKey), input });
      if (result === `${name}/${call}`) counts.right += 1;
      else counts.wrong += 1;
    } catch (error) {
      note(error);
      await sleep(pick(500));
    }
  }
}

let restarts = 0;
const hostMemory = [];
const ownMemory = [];
const enclaveMemory = [];
async function killAgainAndAgain() {
  while (!isOver) {
    for (let at = 0; at < restart && !isOver; at += 1) {
      await sleep(1000);
      hostMemory.push(rss(host.pid));
      ownMemory.push(process.memoryUsage().rss / 2 ** 20);
    }
    const running = events.filter((one) => one.event === 'enclave-started').at(-1);
    if (isOver || !running) return;
    enclaveMemory.push(enclaveRss(running.pid));
    const since = events.length;
    process.kill(-running.pid, 'SIGKILL');
    restarts += 1;
    progress(
      `${restarts} restarts, ${counts.right} right, ${[...counts.codes.values()].reduce((sum, n) => sum + n, 0)} typed errors`,
    );
    await event('enclave-started', since);
  }
}

const started = Date.now();
const work = Promise.all([killAgainAndAgain(), ...Array.from({ length: clients }, (_, name) => client(name))]);
await sleep(seconds * 1000);
isOver = true;
await work;
const took = (Date.now() - started) / 1000;
/** Calls the owner's function until the answer comes. */
async function ask(input) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await owner.invokeFunction({ functionId: 'once', input, limits: { timeoutMs: 60_000 } })).result;
    } catch (error) {
      progress(`report: ${error.code} ${error.message}`);
      if (attempt === 20) throw error;
      await sleep(500);
    }
  }
}
const twice = await ask({ report: true });
// The count must be one that can rise: a call that is made twice on purpose, at the same time.
await Promise.all([1, 2].map(() => ask({ client: 'on purpose', call: 1 })));
const noticed = (await ask({ report: true })) - twice;
host.stdin.end();
await new Promise((resolve) => host.once('exit', resolve));
rmSync(home, { recursive: true, force: true });

/** How much more the last quarter holds than the second one: the first is warming up. */
function growth(samples) {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (list) => list.reduce((sum, n) => sum + n, 0) / Math.max(1, list.length);
  return mean(samples.slice(-quarter)) / (mean(samples.slice(quarter, 2 * quarter)) || 1);
}
const typed = [...counts.codes.values()].reduce((sum, n) => sum + n, 0);
const row = (name, value, unit, target, met) => ({ name, value, unit, versus: null, ratio: null, target, met });
const rows = [
  row('calls', counts.right + counts.wrong + counts.untyped + typed, 'calls', null, null),
  row('right results', counts.right, 'calls', null, null),
  row('typed errors', typed, 'calls', null, null),
  row('wrong results', counts.wrong, 'calls', 0, counts.wrong === 0),
  row('errors without a type', counts.untyped, 'calls', 0, counts.untyped === 0),
  row('calls made twice', twice, 'calls', 0, twice === 0),
  row('of one call made twice on purpose, noticed', noticed, 'calls', 1, noticed === 1),
  row('restarts of the enclave', restarts, 'restarts', null, null),
  row('memory of the host, last quarter to second', growth(hostMemory), 'ratio', '<= 1.2', growth(hostMemory) <= 1.2),
  row(
    'memory of the enclave at its end, last quarter to second',
    growth(enclaveMemory),
    'ratio',
    '<= 1.2',
    growth(enclaveMemory) <= 1.2,
  ),
  row('memory of the clients, last quarter to second', growth(ownMemory), 'ratio', '<= 1.2', growth(ownMemory) <= 1.2),
];
const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;
const codes = Object.fromEntries(counts.codes);
if (values.json) console.log(JSON.stringify({ bench: 'soak', machine, seconds: took, clients, codes, rows }));
else {
  console.log(`soak: ${clients} clients, ${took.toFixed(0)} s, ${machine}`);
  for (const { name, value, unit, target, met } of rows) {
    const verdict = met === null ? '' : met ? `  met (${target})` : `  NOT MET (${target})`;
    console.log(`  ${name.padEnd(58)} ${String(Number(value.toFixed(3))).padStart(8)} ${unit}${verdict}`);
  }
  console.log(`  errors: ${JSON.stringify(codes)}`);
}
process.exit(rows.every(({ met }) => met !== false) ? 0 : 2);
