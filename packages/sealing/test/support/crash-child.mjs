// A store that works until it is killed: SIGKILL at the step whose number is given, every write, sync, truncation,
// replacement of a file and move of the anchor being one. Says on stdout what it found, what it tries, and what was
// acknowledged; nothing of that is buffered.
import { existsSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LogBlobStore, nodeLogFiles } from '../../dist/host/index.js';
import { Keyring, SealedStore } from '../../dist/index.js';

const [folder, keyringHex, seedText, killAtText] = process.argv.slice(2);
let seed = Number(seedText);
const killAt = Number(killAtText);
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);

let step = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
const isHere = () => ++step === killAt;
const files = {
  write: async (file, bytes, position) => {
    if (isHere()) {
      // A torn write: any number of its bytes.
      await nodeLogFiles.write(file, bytes.subarray(0, random(bytes.length + 1)), position);
      die();
    }
    await nodeLogFiles.write(file, bytes, position);
    if (isHere()) die();
  },
  sync: async (file) => {
    await nodeLogFiles.sync(file);
    if (isHere()) die();
  },
  truncate: async (file, length) => {
    if (isHere()) die();
    await nodeLogFiles.truncate(file, length);
  },
  replace: async (from, to, parent) => {
    if (isHere()) die();
    await nodeLogFiles.replace(from, to, parent);
    if (isHere()) die();
  },
};

// A memory outside of the host's reach, which survives the crash.
const anchorFile = join(folder, 'anchor.json');
const anchor = {
  kind: 'external',
  read: async () => {
    if (!existsSync(anchorFile)) return null;
    const { epoch, chain } = JSON.parse(readFileSync(anchorFile, 'utf8'));
    return { epoch, chain: Buffer.from(chain, 'hex') };
  },
  advance: async (_namespace, _from, to) => {
    if (isHere()) die();
    writeFileSync(
      `${anchorFile}.new`,
      JSON.stringify({ epoch: to.epoch, chain: Buffer.from(to.chain).toString('hex') }),
    );
    renameSync(`${anchorFile}.new`, anchorFile);
    if (isHere()) die();
  },
};

const host = await LogBlobStore.open(join(folder, 'blobs'), { compactBytes: 12_000, files });
const keyring = Keyring.decode(Buffer.from(keyringHex, 'hex'));
const store = await SealedStore.open({ host, keyring, namespace: 'crash', anchor });
const found = {};
for await (const { name, value } of store.entries({ confirm: true }))
  found[name] = Buffer.from(value).toString('latin1');
say({ found });
for (;;) {
  const changes = {};
  for (let n = 0; n <= random(3); n += 1)
    changes[`k${random(8)}`] = random(5) === 0 ? null : `${seed}`.repeat(1 + random(30));
  say({ attempt: changes });
  await store.write(
    Object.entries(changes).map(([name, value]) => ({
      name,
      value: value === null ? null : Buffer.from(value, 'latin1'),
    })),
  );
  say({ acknowledged: true });
}
