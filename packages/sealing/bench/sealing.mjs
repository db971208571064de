/*
 * Sealing beside OpenSSL itself on the same machine in the same run, and the store over LMDB.
 *
 *   node bench/sealing.mjs [--quick] [--stream-4gib]
 *
 * It starts itself again with the allocator settings of the enclave's image, and with whatever MALLOC_TRIM_THRESHOLD_ it
 * is given instead.
 *
 * Prints {"bench","machine","rows":[{"name","value","unit","versus","ratio","target","met"}]}. Sealing is measured in CPU
 * time (process.cpuUsage), the best slice after a warm-up; the baseline is `openssl speed` (its own count over its own
 * CPU time), or, where there is no openssl, one-shot AES-256-GCM of node:crypto of the same size, which the row says.
 */
import { spawnSync } from 'node:child_process';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbBlobStore } from '../dist/host/lmdb-blob-store.js';
import { BlobSealer, DeviceKeys, Keyring, SealedStore } from '../dist/index.js';

// The allocator as the enclave's image has it (enclave-image, image-config.ts); it is read when a process starts.
const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '67108864', MALLOC_MMAP_THRESHOLD_: '33554432' };
if (process.env.MALLOC_TRIM_THRESHOLD_ === undefined) {
  const env = { ...process.env, ...allocator };
  process.exit(spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env }).status ?? 1);
}

const quick = process.argv.includes('--quick');
const rows = [];
const round = (value) => Number(value.toPrecision(3));
const row = (name, value, unit, versus = null, ratio = null, target = null, met = null) =>
  rows.push({ name, value: round(value), unit, versus, ratio: ratio === null ? null : round(ratio), target, met });

/** CPU microseconds of one action, the best of some slices. */
async function cpuMicroseconds(action, count) {
  const warm = performance.now() + (quick ? 200 : 1000);
  while (performance.now() < warm) await action();
  let best = Number.POSITIVE_INFINITY;
  for (let slice = 0; slice < (quick ? 10 : 15); slice += 1) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i += 1) await action();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / count);
  }
  return best;
}

/** Bytes per CPU microsecond (MB/s) of AES-256-GCM without anything around it. */
async function baseline(size) {
  // It counts its own CPU time, which other programs on the machine change little.
  const args = ['speed', '-mr', '-seconds', '1', '-bytes', String(size), '-evp', 'aes-256-gcm'];
  const run = spawnSync('openssl', args, { encoding: 'utf8' });
  const rate = /^\+F:\d+:[^:]+:([\d.]+)/m.exec(run.stdout ?? '')?.[1];
  if (run.status === 0 && rate) return { name: 'openssl speed aes-256-gcm', rate: Number(rate) / 1e6 };
  const [key, nonce, data] = [Buffer.alloc(32), Buffer.alloc(12), Buffer.alloc(size, 7)];
  const oneShot = () => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.update(data);
    cipher.final();
    cipher.getAuthTag();
  };
  return {
    name: 'node:crypto one-shot (no openssl)',
    rate: size / (await cpuMicroseconds(oneShot, size > 1e6 ? 4 : 500)),
  };
}

/** The default of tee-seal/1. */
function chunkSizeOf(size) {
  return size > 2 ** 20 ? 2 ** 20 : 65_536;
}

function bareChunks(data) {
  const [key, nonce] = [Buffer.alloc(32), Buffer.alloc(12)];
  const chunk = chunkSizeOf(data.length);
  for (let at = 0; at < data.length; at += chunk) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    cipher.update(data.subarray(at, at + chunk));
    cipher.final();
    cipher.getAuthTag();
  }
}

const identity = {
  mrEnclave: 'aa'.repeat(32),
  mrSigner: 'bb'.repeat(32),
  cpuSvn: new Uint8Array(16),
  isvSvn: 1,
  configSvn: 0,
};
const getKey = async ({ keyId }) => createHmac('sha256', 'fuse').update(keyId).digest().subarray(0, 16);
const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: Date.now() / 1000 });
const sealers = {
  keyring: new BlobSealer(keyring),
  CPU: new BlobSealer(new DeviceKeys({ identity, getKey }).withPolicy('enclave')),
};

for (const [label, size, count, target] of [
  ['16 MiB', 16 << 20, 4, 0.55],
  ['64 KiB', 64 << 10, 100, 0.4],
]) {
  const { name, rate } = await baseline(size);
  row(`${label}: ${name}`, rate, 'MB/s of CPU');
  const data = new Uint8Array(size).fill(7);
  // How much of the distance is node:crypto itself: the same chunks, nothing but cipher calls.
  const bare = size / (await cpuMicroseconds(() => bareChunks(data), count));
  row(
    `${label}: node:crypto alone, in chunks of ${chunkSizeOf(size) / 1024} KiB`,
    bare,
    'MB/s of CPU',
    name,
    bare / rate,
  );
  const blob = await sealers.keyring.seal(data);
  // openssl speed works in one buffer all the time. So does "reused"; "new" asks the system for memory for every result,
  // which for 16 MiB can cost several times what the cipher does.
  const into = new Uint8Array(size + 65_536).fill(1);
  for (const [what, action] of [
    ['seal, memory reused', () => sealers.keyring.seal(data, { into })],
    ['unseal, memory reused', () => sealers.keyring.open(blob, { into })],
    ['seal, new memory', () => sealers.keyring.seal(data)],
    ['unseal, new memory', () => sealers.keyring.open(blob)],
  ]) {
    const own = size / (await cpuMicroseconds(action, count));
    row(`${label}: ${what}`, own, 'MB/s of CPU', name, own / rate, `>= ${target}`, own / rate >= target);
  }
  const memory =
    size / (await cpuMicroseconds(() => new Uint8Array(Buffer.allocUnsafeSlow(size).buffer).fill(1), count));
  row(`${label}: new memory alone, filled with one value`, memory, 'MB/s of CPU', name, memory / rate);
}

const small = new Uint8Array(1024).fill(7);
for (const [kind, sealer] of Object.entries(sealers)) {
  const blob = await sealer.seal(small);
  row(`1 KiB, key of a ${kind}: overhead`, blob.length - small.length, 'bytes');
  for (const [what, action] of [
    ['seal', () => sealer.seal(small)],
    ['unseal', () => sealer.open(blob)],
  ]) {
    const cost = await cpuMicroseconds(action, quick ? 1000 : 5000);
    row(`1 KiB, key of a ${kind}: ${what}`, cost, 'us CPU', null, null, '<= 25 us', cost <= 25);
  }
}

await hostAlone(quick ? 20_000 : 100_000);
await store(quick ? 20_000 : 1_000_000);
if (process.argv.includes('--stream-4gib')) await stream(4096);

/** What LMDB does without any sealing: the same values under keys as random, durable; and sealing without any LMDB. */
async function hostAlone(most) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-lmdb-'));
  const host = LmdbBlobStore.open(folder);
  const value = new Uint8Array(256).fill(7);
  const start = performance.now();
  for (let at = 0; at < most; at += 100) {
    await host.write(Array.from({ length: 100 }, () => ({ key: randomBytes(16).toString('hex'), value })));
  }
  const rate = most / ((performance.now() - start) / 1000);
  row(`LMDB alone, ${most} puts of 256 B under random keys in batches of 100, durable`, rate, 'puts/s');
  await host.close();
  rmSync(folder, { recursive: true, force: true });

  const blobs = new Map();
  const memory = {
    getMany: async (keys) => keys.map((key) => blobs.get(key) ?? null),
    write: async (changes) => {
      for (const { key, value: bytes } of changes) bytes ? blobs.set(key, bytes) : blobs.delete(key);
    },
  };
  const sealedStore = await SealedStore.open({ host: memory, keyring, namespace: 'bench' });
  let at = 0;
  const names = () => Array.from({ length: 100 }, (_, i) => `key-${(at + i) % most}`);
  const put = async () => {
    await sealedStore.write(names().map((name) => ({ name, value })));
    at += 100;
  };
  row('store over memory, 256 B in batches of 100: put', (await cpuMicroseconds(put, 20)) / 100, 'us CPU');
  const get = () => sealedStore.getMany(names());
  row('store over memory, 256 B in batches of 100: get', (await cpuMicroseconds(get, 20)) / 100, 'us CPU');
}

async function store(most) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sealing-'));
  const host = LmdbBlobStore.open(folder);
  const sealedStore = await SealedStore.open({ host, keyring, namespace: 'bench' });
  const value = new Uint8Array(256).fill(7);
  const percentile = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
  const putBatch = async (at) => {
    const start = performance.now();
    await sealedStore.write(Array.from({ length: 100 }, (_, i) => ({ name: `key-${at + i}`, value })));
    return performance.now() - start;
  };
  const first = [];
  const last = [];
  const start = performance.now();
  for (let at = 0; at < most; at += 100) {
    const time = await putBatch(at);
    if (at >= 1000 && at < 11_000) first.push(time);
    if (at >= most - 10_000) last.push(time);
  }
  const putRate = most / ((performance.now() - start) / 1000);
  row(
    `store over LMDB, ${most} puts of 256 B in batches of 100, durable`,
    putRate,
    'puts/s',
    null,
    null,
    '>= 20000',
    putRate >= 20_000,
  );
  const flatness = percentile(last) / percentile(first);
  row('p99 of a batch, from 1000 entries', percentile(first), 'ms');
  row(
    `p99 of a batch, at ${most} entries`,
    percentile(last),
    'ms',
    'from 1000 entries',
    flatness,
    '<= 2',
    flatness <= 2,
  );
  const reads = quick ? 10_000 : 50_000;
  const readStart = performance.now();
  for (let at = 0; at < reads; at += 100) {
    await sealedStore.getMany(Array.from({ length: 100 }, (_, i) => `key-${(at * 7919 + i * 104_729) % most}`));
  }
  const getRate = reads / ((performance.now() - readStart) / 1000);
  row('store over LMDB, gets of 256 B in batches of 100', getRate, 'gets/s', null, null, '>= 40000', getRate >= 40_000);
  const before = process.memoryUsage.rss();
  let [seen, peak] = [0, 0];
  const walk = performance.now();
  for await (const { value: found } of sealedStore.entries()) {
    seen += found.length / 256;
    if (seen % 1000 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
  if (seen !== most) throw new Error(`the walk saw ${seen} of ${most} entries`);
  row(`walk over ${most} entries`, most / ((performance.now() - walk) / 1000), 'entries/s');
  row('memory that the walk added (LMDB maps its file into it)', (peak - before) / 2 ** 20, 'MiB');
  await host.close();
  rmSync(folder, { recursive: true, force: true });
}

async function stream(mebibytes) {
  const program = new URL('../test/support/stream-memory.mjs', import.meta.url);
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, [program.pathname, String(mebibytes)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const { bytes, extraMiB } = JSON.parse(stdout);
  row(`stream of ${mebibytes} MiB sealed and unsealed`, bytes / 1e6 / ((performance.now() - start) / 1000), 'MB/s');
  row(`stream of ${mebibytes} MiB: extra memory`, extraMiB, 'MiB', null, null, '<= 64', extraMiB <= 64);
}

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${JSON.stringify({ bench: 'sealing', machine, rows }, null, 2)}\n`);
