/*
 * What building and starting the runtime's image costs, and what occlum-manager adds to a command of occlum. In
 * simulation: needs user namespaces and the built packages.
 *
 *   node bench/occlum.mjs [--quick]
 *
 * Prints {"bench","machine","rows":[{"name","value","unit","versus","ratio","target","met"}]}. Wall time, the best of
 * several turns, since other programs on the machine only ever add to it; where two ways are compared they take turns.
 * CPU time is that of this process and of all its descendants (proc(5), stat, fields 14 to 17): it says what wall time
 * will be on a machine that does nothing else.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  generateSigningKey,
  ImageWriter,
  OcclumManager,
  occlumConfig,
  programFiles,
} from '@neo-service-layer/occlum-manager';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { buildEnclaveImage } from '../dist/index.js';

const quick = process.argv.includes('--quick');
const turns = quick ? 2 : 5;
/** Size of a SIGSTRUCT (SDM Vol. 3D), which stands at the end of a simulated signed enclave. */
const sigstructBytes = 1808;
const folder = mkdtempSync(join(tmpdir(), 'occlum-bench-'));
const round = (value) => Number(value.toPrecision(3));
const rows = [];
const row = (name, value, unit, { versus = null, ratio = null, target = null, met = null } = {}) =>
  rows.push({ name, value: round(value), unit, versus, ratio: ratio === null ? null : round(ratio), target, met });

/** Seconds of CPU of this process and all its descendants, ended or not; Linux counts in hundredths. */
function cpuSeconds() {
  const processes = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, part) => sum + Number(part), 0);
      processes.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      // It has ended meanwhile.
    }
  }
  const descends = (pid) => pid === process.pid || (processes.has(pid) && descends(processes.get(pid).parent));
  return [...processes].reduce((sum, [pid, { ticks }]) => (descends(pid) ? sum + ticks : sum), 0) / 100;
}

/** The best wall and CPU time of some turns of an action, in seconds. */
async function best(count, action) {
  const times = [];
  for (let turn = 0; turn < count; turn += 1) {
    const [start, cpu] = [performance.now(), cpuSeconds()];
    await action(turn);
    times.push({ wall: (performance.now() - start) / 1000, cpu: cpuSeconds() - cpu });
  }
  return { wall: Math.min(...times.map(({ wall }) => wall)), cpu: Math.min(...times.map(({ cpu }) => cpu)) };
}

const locate = (name) => OcclumManager.locate({ simulation: true, platformDir: join(folder, name, 'platform') });
const { file: signKeyFile } = await generateSigningKey(join(folder, 'key.pem'));
const manager = await locate('one');

async function benchBuild() {
  const options = { instanceDir: join(folder, 'one', 'runtime.inst'), manager, signKeyFile };
  const fresh = await best(1, () => buildEnclaveImage(options));
  row('image build, fresh', fresh.wall, 's');
  const image = await buildEnclaveImage(options);

  const elsewhere = { instanceDir: join(folder, 'two', 'other.inst'), manager: await locate('two'), signKeyFile };
  const same = (await buildEnclaveImage(elsewhere)).mrEnclave === image.mrEnclave;
  row('MRENCLAVE in two fresh folders', same ? 1 : 2, 'values', { target: '1', met: same });

  const unchanged = await best(turns, async () => {
    const { rebuilt } = await buildEnclaveImage(options);
    if (rebuilt) throw new Error('the packages were built anew while this was measured: run it again');
  });
  row('image build, nothing changed', unchanged.wall, 's', { target: '<= 0.5 s', met: unchanged.wall <= 0.5 });
  row('image build, nothing changed: CPU', unchanged.cpu, 's CPU', { target: '<= 0.5 s', met: unchanged.cpu <= 0.5 });

  const changed = join(folder, 'changed');
  mkdirSync(changed);
  writeFileSync(join(changed, 'package.json'), '{"name":"changed-runtime","version":"1.0.0"}');
  const entry = pathToFileURL(fileURLToPath(import.meta.resolve('@neo-service-layer/enclave-runtime/package.json')));
  const runtime = fileURLToPath(new URL('dist/bin/runtime.js', entry));
  const rebuilt = await best(turns, (turn) => {
    const file = join(changed, 'runtime.js');
    writeFileSync(file, `import ${JSON.stringify(runtime)};\nglobalThis.turnOfBench = ${turn};\n`);
    return buildEnclaveImage({ ...elsewhere, entries: { runtime: file } });
  });
  row('image build, bundle changed', rebuilt.wall, 's', { target: '<= 1.5 s', met: rebuilt.wall <= 1.5 });
  row('image build, bundle changed: CPU', rebuilt.cpu, 's CPU', { target: '<= 1.5 s', met: rebuilt.cpu <= 1.5 });
  return image;
}

/** Waits for the next program that dials a listener. */
function dialled(server) {
  return new Promise((resolve) => server.once('connection', (socket) => socket.once('data', () => resolve(socket))));
}

/** Serves the device of a simulated enclave in this process, for the program that runs without occlum. */
async function deviceOf(image) {
  const simulator = createRequire(import.meta.resolve('@neo-service-layer/sgx-simulator/package.json'));
  const { encodeFrame, FrameReader } = await import(
    pathToFileURL(simulator.resolve('@neo-service-layer/attestation/device')).href
  );
  const platform = await SimulatedPlatform.open(join(folder, 'one', 'platform'));
  const signed = readFileSync(join(image.instance.dir, 'build/lib/libocclum-libos.signed.so'));
  const enclave = platform.launch({
    sigstruct: new Uint8Array(signed.subarray(-sigstructBytes)),
    measurement: new Uint8Array(Buffer.from(image.mrEnclave, 'hex')),
  });
  const path = join(folder, 'device');
  const server = createServer((socket) => {
    const reader = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      for (const { head, payload } of reader.push(chunk)) {
        const answer = enclave.ioctl(head, payload);
        socket.write(encodeFrame({ head: answer.errno, payload: answer.payload }));
      }
    });
  });
  await new Promise((resolve) => server.listen(path, resolve));
  return { path, close: () => server.close() };
}

async function benchStart(image) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const link = { TEE_HOST_LINK: `127.0.0.1:${server.address().port}`, TEE_HOST_LINK_TOKEN: '0'.repeat(64) };
  const device = await deviceOf(image);
  const { env } = await image.instance.readConfig();
  const measured = Object.fromEntries(env.default.map((entry) => entry.split(/=(.*)/s, 2)));

  const bare = async () => {
    const ready = dialled(server);
    const child = spawn(process.execPath, [join(image.instance.imageDir, 'app/start')], {
      env: { ...measured, ...link, OCCLUM_SIM_DEVICE: device.path },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await ready;
    return async () => {
      child.kill('SIGKILL');
      await ended;
    };
  };
  const managed = async () => {
    const ready = dialled(server);
    const program = await image.instance.run(image.program, image.args, { env: link });
    await ready;
    return () => program.stop({ graceMs: 0 });
  };
  const times = { bare: [], managed: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, start] of [
      ['bare', bare],
      ['managed', managed],
    ]) {
      const began = performance.now();
      const stop = await start();
      times[name].push(performance.now() - began);
      await stop();
    }
  }
  const [one, other] = [Math.min(...times.bare), Math.min(...times.managed)];
  row('bare node, start to ready', one, 'ms');
  row('enclave, start to ready', other, 'ms', {
    versus: 'bare node, the same bundle and device',
    ratio: other / one,
    target: '<= 3x',
    met: other / one <= 3,
  });
  device.close();
  server.close();
}

async function benchExec() {
  const instance = await manager.createInstance(join(folder, 'one', 'shell.inst'));
  await instance.build({
    signKey: signKeyFile,
    config: occlumConfig({ preset: 'native' }),
    fillImage: async (root) => {
      const image = await ImageWriter.open(root);
      for (const name of ['dev', 'proc', 'tmp']) await image.folder(name);
      for (const { source, destination } of programFiles('/bin/sh', '/bin/sh')) await image.file(source, destination);
    },
  });
  await instance.start();
  const words = ['/bin/sh', '-c', ':'];
  const env = { PATH: process.env.PATH, SGX_MODE: 'SIM', OCCLUM_SIM_PLATFORM: join(folder, 'one', 'platform') };
  const bare = () =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [manager.executable, 'exec', ...words], { cwd: instance.dir, env });
      child.once('close', resolve);
    });
  const managed = async () => (await instance.exec(words[0], words.slice(1))).exited;
  const times = { bare: [], managed: [] };
  let own = 0;
  for (let turn = 0; turn < turns * 8; turn += 1) {
    for (const [name, run] of [
      ['bare', bare],
      ['managed', managed],
    ]) {
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      await run();
      times[name].push(performance.now() - began);
      const { user, system } = process.cpuUsage(cpu);
      own += (name === 'managed' ? user + system : -user - system) / 1000;
    }
  }
  await instance.stop();
  const [one, other] = [Math.min(...times.bare), Math.min(...times.managed)];
  row('bare occlum exec', one, 'ms');
  row('exec by the manager', other, 'ms', { versus: 'bare occlum exec', ratio: other / one });
  row('what the manager adds to an exec', other - one, 'ms', { target: '<= 10 ms', met: other - one <= 10 });
  const added = own / (turns * 8);
  row('what the manager adds to an exec: CPU', added, 'ms CPU', { target: '<= 10 ms', met: added <= 10 });
}

try {
  const image = await benchBuild();
  await benchStart(image);
  await benchExec();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${JSON.stringify({ bench: 'occlum', machine, rows }, null, 2)}\n`);
