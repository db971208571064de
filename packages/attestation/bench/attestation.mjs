/*
 * CPU time of a verification beside the npm peer @phala/dcap-qvl, on the same quotes in the same run, and beside as
 * many bare OpenSSL operations. Needs the built package and the shared vectors.
 *
 *   node bench/attestation.mjs [--quick]
 *
 * Prints {"bench","machine","rows":[{"name","value","unit","versus","ratio","target","met"}]}. CPU time by
 * process.cpuUsage in nine turns after a warm-up, the best turn's; ratios are the median of those within a turn. Wall time
 * says more about the other programs on the machine.
 */
import { Buffer } from 'node:buffer';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { sharedFolder } from '@neo-service-layer/testing';
import peer from '@phala/dcap-qvl';
import { collateralFromFiles, prepareCollateral, verifyQuote } from '../dist/index.js';

const vectors = sharedFolder('vectors');
if (!vectors) throw new Error('the shared vectors are not here: there is nothing to measure');
const perSlice = process.argv.includes('--quick') ? 20 : 120;
const round = (value) => Number(value.toPrecision(3));

async function cpuOf(action, count) {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i += 1) await action();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
}

/**
 * Measures actions in turns, so that whatever else the machine does meets all of them alike.
 * @param actions by name: [action, how often in a turn, what to do before each turn]
 * @returns turns, each with the CPU microseconds of every action
 */
async function inTurns(actions) {
  for (const [action, count, before] of Object.values(actions)) {
    for (let i = 0; i < 6; i += 1) {
      await before?.();
      for (let k = 0; k < count; k += 1) await action();
    }
  }
  const turns = [];
  for (let turn = 0; turn < 9; turn += 1) {
    const times = {};
    for (const [name, [action, count, before]] of Object.entries(actions)) {
      await before?.();
      times[name] = await cpuOf(action, count);
    }
    turns.push(times);
  }
  return turns;
}

const best = (turns, name) => Math.min(...turns.map((turn) => turn[name]));
/** The median over the turns of a ratio within one. */
const ratioOf = (turns, ratio) => turns.map(ratio).sort((x, y) => x - y)[turns.length >> 1];

function readCase(id) {
  const folder = join(vectors, id);
  const { validAt, files } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  const read = (name) => new Uint8Array(readFileSync(join(folder, name)));
  const parts = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, read(file)]));
  const whole = JSON.parse(readFileSync(join(folder, 'original/collateral.json'), 'utf8'));
  return { quote: read('quote.bin'), collateral: collateralFromFiles(parts), now: validAt, whole };
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const data = Buffer.alloc(632, 7);
const dsaEncoding = 'ieee-p1363';
const signature = sign('sha256', data, { key: privateKey, dsaEncoding });
const jwk = publicKey.export({ format: 'jwk' });
const rows = [];
const row = (name, value, unit, versus, ratio, target, met) =>
  rows.push({ name, value: round(value), unit, versus, ratio: ratio === null ? null : round(ratio), target, met });

for (const id of ['phala/sgx_cfg_swh', 'phala/tdx_uptodate']) {
  const { quote, collateral, now, whole } = readCase(id);
  const { signatures } = (await prepareCollateral(collateral)).parts;
  const preparing = signatures.verifications;
  const ready = await prepareCollateral(collateral);
  await verifyQuote(quote, ready, { now });
  const { verifications, imports } = ready.parts.signatures;
  const bare = () => {
    for (let i = 0; i < verifications; i += 1) verify('sha256', data, { key: publicKey, dsaEncoding }, signature);
    for (let i = 0; i < imports; i += 1) createPublicKey({ key: jwk, format: 'jwk' });
  };
  // Each of these meets the platform for the first time.
  const fresh = [];
  const refill = async () => {
    while (fresh.length < perSlice) fresh.push(await prepareCollateral(collateral));
  };
  const turns = await inTurns({
    bare: [bare, perSlice],
    peer: [() => peer.verify(Buffer.from(quote), whole, now), Math.ceil(perSlice / 4)],
    cold: [() => verifyQuote(quote, collateral, { now }), perSlice],
    prepared: [() => verifyQuote(quote, fresh.pop() ?? collateral, { now }), perSlice, refill],
    seen: [() => verifyQuote(quote, ready, { now }), perSlice * 4],
  });
  const versus = '@phala/dcap-qvl';
  const compare = (name, what, most, least) => {
    const value = best(turns, name);
    const ratio = ratioOf(turns, (turn) => turn.peer / turn[name]);
    const target = `<= ${most} us, >= ${least}x`;
    row(`${id}: ${what}`, value, 'us CPU', versus, ratio, target, value <= most && ratio >= least);
  };
  row(`${id}: ${versus}`, best(turns, 'peer'), 'us CPU', null, null, null, null);
  const operations = `${verifications} verifications, ${imports} imports`;
  row(`${id}: bare OpenSSL, ${operations}`, best(turns, 'bare'), 'us CPU', null, null, null, null);
  compare('cold', 'cold', 1500, 5);
  const toBare = ratioOf(turns, (turn) => turn.cold / turn.bare);
  row(`${id}: cold, to bare OpenSSL`, toBare, 'x', operations, toBare, '<= 1.5', toBare <= 1.5);
  compare('prepared', 'collateral prepared', 450, 15);
  row(`${id}: of it, signatures`, verifications - preparing, 'verifications', null, null, null, null);
  compare('seen', 'platform seen', 90, 70);
}

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${JSON.stringify({ bench: 'attestation', machine, rows }, null, 2)}\n`);
