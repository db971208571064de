/*
 * CPU time of a verification beside the npm peer @phala/dcap-qvl, on the same quotes in the same run, and beside as
 * many bare OpenSSL operations. Needs the built package and the shared vectors.
 *
 *   node bench/attestation.mjs [--quick]
 *
 * Prints {"bench","machine","rows":[{"name","value","unit","versus","ratio","target","met"}]}. CPU time by
 * process.cpuUsage, the best of seven slices after a warm-up: wall time says more about the other programs on the machine.
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

async function cpuMicroseconds(action, { count = perSlice, warmUps = perSlice * 6 } = {}) {
  for (let i = 0; i < warmUps; i += 1) await action();
  let best = Number.POSITIVE_INFINITY;
  for (let slice = 0; slice < 7; slice += 1) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i += 1) await action();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / count);
  }
  return best;
}

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
const bareVerify = await cpuMicroseconds(() => verify('sha256', data, { key: publicKey, dsaEncoding }, signature));
const bareImport = await cpuMicroseconds(() => createPublicKey({ key: jwk, format: 'jwk' }));

const rows = [];
const row = (name, value, unit, versus, ratio, target, met) =>
  rows.push({ name, value: round(value), unit, versus, ratio: ratio === null ? null : round(ratio), target, met });
row('bare ECDSA P-256 verification', bareVerify, 'us CPU', null, null, null, null);
row('bare key import', bareImport, 'us CPU', null, null, null, null);

for (const id of ['phala/sgx_cfg_swh', 'phala/tdx_uptodate']) {
  const { quote, collateral, now, whole } = readCase(id);
  const other = await cpuMicroseconds(async () => peer.verify(Buffer.from(quote), whole, now), {
    count: Math.ceil(perSlice / 4),
    warmUps: perSlice,
  });
  row(`${id}: @phala/dcap-qvl`, other, 'us CPU', null, null, null, null);

  const cold = await cpuMicroseconds(() => verifyQuote(quote, collateral, { now }));
  const { signatures } = (await prepareCollateral(collateral)).parts;
  const prepared = { verifications: signatures.verifications, imports: signatures.imports };
  row(
    `${id}: cold`,
    cold,
    'us CPU',
    '@phala/dcap-qvl',
    other / cold,
    '<= 1500 us, >= 5x',
    cold <= 1500 && other / cold >= 5,
  );

  const ready = await prepareCollateral(collateral);
  await verifyQuote(quote, ready, { now });
  const { verifications, imports } = ready.parts.signatures;
  const ideal = verifications * bareVerify + imports * bareImport;
  row(
    `${id}: cold, to bare OpenSSL`,
    cold / ideal,
    `x of ${verifications} verifications, ${imports} imports`,
    null,
    null,
    '<= 1.5',
    cold / ideal <= 1.5,
  );

  // Each of these meets the platform for the first time.
  const fresh = [];
  for (let i = 0; i < perSlice * 13; i += 1) fresh.push(await prepareCollateral(collateral));
  const warm = await cpuMicroseconds(() => verifyQuote(quote, fresh.pop() ?? collateral, { now }));
  const ratio = other / warm;
  row(
    `${id}: collateral prepared`,
    warm,
    'us CPU',
    '@phala/dcap-qvl',
    ratio,
    '<= 450 us, >= 15x',
    warm <= 450 && ratio >= 15,
  );
  row(`${id}: of it, signatures`, verifications - prepared.verifications, 'verifications', null, null, null, null);

  const seen = await cpuMicroseconds(() => verifyQuote(quote, ready, { now }));
  row(
    `${id}: platform seen`,
    seen,
    'us CPU',
    '@phala/dcap-qvl',
    other / seen,
    '<= 90 us, >= 70x',
    seen <= 90 && other / seen >= 70,
  );
}

const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${JSON.stringify({ bench: 'attestation', machine, rows }, null, 2)}\n`);
