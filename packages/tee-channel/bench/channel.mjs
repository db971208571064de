/*
 * The channel without a carrier: what its cryptography and bookkeeping cost. Then, unless --alone, a function called through
 * relay, host link and simulated enclave (apps/host/bench/end-to-end.mjs).
 *
 *   node bench/channel.mjs [--quick] [--alone] [--json]
 *
 * Prints {"bench","machine","rows":[{"name","value","unit","versus","ratio","target","met"}]}. Times are CPU time
 * (process.cpuUsage), the best slice after a warm-up. The enclave's part is measured by giving it messages that clients
 * made beforehand; "both ends" is everything in one process on one core.
 */
import { spawnSync } from 'node:child_process';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ChannelInitiator, ChannelResponder, EnclaveIdentity } from '../dist/index.js';
import { postQuantumSuite } from '../dist/post-quantum.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const quick = process.argv.includes('--quick');
const rows = [];
const round = (value) => Number(value.toPrecision(3));
const row = (name, value, unit, { versus = null, ratio = null, most = null, least = null } = {}) =>
  rows.push({
    name,
    value: round(value),
    unit,
    versus,
    ratio: ratio === null ? null : round(ratio),
    target: most === null ? (least === null ? null : `>= ${least}`) : `<= ${most}`,
    met: most === null ? (least === null ? null : value >= least) : value <= most,
  });

const identity = await EnclaveIdentity.generate();
const piece = new Uint8Array(1 << 20).fill(7);
const streamBytes = 16 << 20;
const newEnclave = () =>
  new ChannelResponder({
    identity,
    now: () => Date.now() / 1000,
    maxOffers: 20_000,
    maxSessions: 200_000,
    sessionSeconds: 86_400,
    offerSeconds: 86_400,
    handle: async (payload) => payload,
    handleStream: async () => source(),
  });

function source() {
  let left = streamBytes;
  const pull = (controller) => {
    if (left === 0) return controller.close();
    left -= piece.length;
    controller.enqueue(piece);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

const claims = {
  identityKey: identity.publicKey,
  suites: [1],
  minVersion: 1,
  configHash: new Uint8Array(32),
  bootId: new Uint8Array(16),
  notAfter: 4_000_000_000,
  nonce: new Uint8Array(),
};
const open = (exchange) => ChannelInitiator.open({ claims, evidenceDigest: new Uint8Array(32), exchange });

async function cpu(action) {
  const start = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** CPU microseconds of one action, the best of some slices. `prepare` makes a slice's worth of work, unmeasured. */
async function best(count, prepare, slices = quick ? 4 : 15) {
  let least = Number.POSITIVE_INFINITY;
  for (let slice = 0; slice < slices; slice += 1) {
    const action = await prepare(count);
    // The first slices warm up.
    const cost = (await cpu(action)) / count;
    if (slice > 1) least = Math.min(least, cost);
  }
  return least;
}

/** Messages as clients make them, and what the enclave does with them. */
const deliver = (enclave, messages) => async () => {
  for (const message of messages) await enclave.receive(message);
};

async function hellosOf(count) {
  const hellos = [];
  const keep = (message) => {
    hellos.push(message);
    return Promise.reject(new Error('kept'));
  };
  for (let i = 0; i < count; i += 1) await open(keep).catch(() => {});
  return hellos;
}

async function requestsOf(channels, payload, enclave) {
  const requests = [];
  for (const channel of channels) {
    channel.keep = (message) => requests.push(message);
    await channel.initiator.call(payload).catch(() => {});
    channel.keep = null;
  }
  return { requests, action: deliver(enclave, requests) };
}

/** A channel whose messages can be kept back. */
async function channelTo(enclave) {
  const channel = { keep: null, initiator: null };
  channel.initiator = await open((message) => {
    if (channel.keep === null) return enclave.receive(message);
    channel.keep(message);
    return Promise.reject(new Error('kept'));
  });
  return channel;
}

const kib = new Uint8Array(1024).fill(7);

{
  const enclave = newEnclave();
  const hello = await best(200, async (count) => deliver(enclave, await hellosOf(count)));
  const first = await best(200, async (count) => {
    const channels = [];
    for (let i = 0; i < count; i += 1) channels.push(await channelTo(enclave));
    return (await requestsOf(channels, kib, enclave)).action;
  });
  row('new session, enclave: hello', hello, 'us CPU');
  row('new session, enclave: first request of 1 KiB', first, 'us CPU');
  row('new session, enclave', hello + first, 'us CPU', { most: 400 });
  const both = await best(200, () => async () => {
    for (let i = 0; i < 200; i += 1) await (await open((message) => enclave.receive(message))).call(kib);
  });
  row('new session with its first call, both ends', both, 'us CPU');
  const hybrid = new ChannelResponder({
    identity,
    now: () => Date.now() / 1000,
    suites: [postQuantumSuite],
    handle: async (payload) => payload,
  });
  const hybridBoth = await best(10, () => async () => {
    for (let i = 0; i < 10; i += 1) {
      const channel = await ChannelInitiator.open({
        claims: { identityKey: identity.publicKey, suites: [postQuantumSuite.id], minVersion: 1 },
        evidenceDigest: new Uint8Array(32),
        exchange: (message) => hybrid.receive(message),
        suite: postQuantumSuite,
      });
      await channel.call(kib);
    }
  });
  row('the same with the post-quantum suite', hybridBoth, 'us CPU', { versus: 'classic', ratio: hybridBoth / both });
}

{
  const enclave = newEnclave();
  const channel = await channelTo(enclave);
  await channel.initiator.call(kib);
  const part = await best(500, async (count) => {
    return (await requestsOf(Array(count).fill(channel), kib, enclave)).action;
  });
  row('established call of 1 KiB, enclave', part, 'us CPU', { most: 60 });
  const both = await best(2000, (count) => async () => {
    for (let i = 0; i < count; i += 1) await channel.initiator.call(kib);
  });
  row('established call of 1 KiB, both ends', both, 'us CPU', { most: 120 });

  const bare = (64 << 10) / (await best(300, (count) => async () => bareSealAndOpen(count)));
  row('64 KiB: node:crypto alone, sealed and opened', bare, 'MB/s of CPU');
  for (const window of [1, 4]) {
    const perStream = await best(1, () => async () => {
      const answer = await channel.initiator.stream(kib, { window });
      let length = 0;
      for await (const bytes of answer) length += bytes.length;
      if (length !== streamBytes) throw new Error(`the stream had ${length} bytes`);
    });
    const rate = streamBytes / perStream;
    const name = `stream of 16 MiB, both ends, ${window} piece${window === 1 ? '' : 's'} ahead`;
    row(name, rate, 'MB/s of CPU', {
      versus: 'node:crypto alone',
      ratio: rate / bare,
      // What a client asks for ahead when it is not told otherwise.
      least: window === 4 ? 400 : null,
    });
  }
}

{
  const enclave = newEnclave();
  const count = quick ? 1000 : 10_000;
  const used = () => {
    collectGarbage();
    collectGarbage();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { held: heapUsed + external, rss };
  };
  await (await open((message) => enclave.receive(message))).call(kib);
  const before = used();
  for (let i = 0; i < count; i += 1) await (await open((message) => enclave.receive(message))).call(kib);
  const after = used();
  if (enclave.sessionCount !== count + 1) throw new Error(`${enclave.sessionCount} sessions are open`);
  const scale = 10_000 / count / 2 ** 20;
  row('10,000 idle sessions, enclave: heap and buffers', (after.held - before.held) * scale, 'MiB', { most: 200 });
  row('10,000 idle sessions: growth of the process', (after.rss - before.rss) * scale, 'MiB', { most: 200 });
}

function bareSealAndOpen(count) {
  const [key, nonce, data] = [Buffer.alloc(32), Buffer.alloc(12), Buffer.alloc(64 << 10, 7)];
  for (let i = 0; i < count; i += 1) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    const sealed = cipher.update(data);
    cipher.final();
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAuthTag(cipher.getAuthTag());
    decipher.update(sealed);
    decipher.final();
  }
}

// Through relay, host link and enclave: in the repository only, where there is a host.
const endToEnd = fileURLToPath(new URL('../../../apps/host/bench/end-to-end.mjs', import.meta.url));
if (existsSync(endToEnd) && !process.argv.includes('--alone')) {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  const { status, stdout } = spawnSync(process.execPath, [endToEnd, ...(quick ? ['--quick'] : [])], options);
  if (status !== 0) throw new Error(`the end-to-end benchmark ended with ${status}`);
  rows.push(...JSON.parse(stdout).rows);
}

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${JSON.stringify({ bench: 'channel', machine, rows }, null, 2)}\n`);
