import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { simulationRoot } from '@neo-service-layer/sgx-simulator';
import { HttpTransport, TeeClient } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cell, cellSkipped } from '../support/cell.ts';
import { cliEnvironment, repositoryPath, startCli } from '../support/cli.ts';
import { leftAfter, processesWith } from '../support/processes.ts';

interface Event {
  event: string;
  url?: string;
  pid?: number;
  mrEnclave?: string;
}

let home: string;
let host: ReturnType<typeof startCli>;
let hostOutput = '';
let client: TeeClient;
const events: Event[] = [];

/** The next event of the kind, taken off the list. */
async function next(kind: string): Promise<Event> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const index = events.findIndex(({ event }) => event === kind);
    const found = index < 0 ? undefined : events.splice(index, 1)[0];
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no ${kind}: ${hostOutput}`);
}

const example = (name: string) => readFileSync(repositoryPath(`examples/${name}`), 'utf8');
const connect = (url: string, mrEnclave: string, allowSimulation: boolean, root: Uint8Array) =>
  TeeClient.connect({
    transport: new HttpTransport(url),
    policy: { mrEnclave: [mrEnclave], ...(allowSimulation ? { allowSimulation: true } : {}) },
    trustAnchors: [root],
  });

let url = '';
let mrEnclave = '';
let enclavePid = 0;
let root: Uint8Array;

beforeAll(async () => {
  if (cellSkipped !== null) return;
  home = await mkdtemp(join(tmpdir(), 'tee-e2e-'));
  const args = ['serve', '--port', '0', '--exit-with-stdin', '--record', join(home, 'recording.bin')];
  host = startCli(args, cliEnvironment(home, cell.rootfs));
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      hostOutput += chunk.toString('latin1');
    });
  }
  createInterface({ input: host.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  const listening = await next('listening');
  url = listening.url ?? '';
  mrEnclave = listening.mrEnclave ?? '';
  enclavePid = (await next('enclave-started')).pid ?? 0;
  root = await simulationRoot(join(home, 'platform'));
  client = await connect(url, mrEnclave, true, root);
});

afterAll(async () => {
  if (cellSkipped !== null) return;
  host.stdin.end();
  await leftAfter(home, 10_000);
  await rm(home, { recursive: true, force: true });
});

describe.skipIf(cellSkipped !== null)(
  `${cellSkipped ?? 'the main job'} (root file system: ${cell.rootfs}, sealed to ${cell.seal})`,
  () => {
    it('verifies the enclave, which says how it was started', async () => {
      const info = await client.getInfo();
      expect(info).toMatchObject({ mode: 'simulation', mrEnclave, rootfs: cell.rootfs === 'none' ? 'host' : 'image' });
      expect(info.attributes.debug).toBe(false);
      expect(client.evidence.checks.every(({ ok }) => ok)).toBe(true);
    });

    it('runs the examples', async () => {
      const hello = await client.executeJavaScript({
        code: example('functions/hello.js'),
        input: { name: 'HELLO-CANARY' },
        functionId: 'hello',
        userId: 'USER-CANARY',
      });
      expect(hello.result).toEqual({
        message: 'Hello, world!',
        input: { name: 'HELLO-CANARY' },
        functionId: 'hello',
        userId: 'USER-CANARY',
      });
      const oracle = { code: example('functions/price-oracle.js'), functionId: 'price-oracle', userId: 'USER-CANARY' };
      const input = JSON.parse(example('data/prices.json'));
      const secrets = JSON.parse(example('data/secrets.json'));
      const price = await client.executeJavaScript({ ...oracle, input, secrets });
      expect(price.result).toMatchObject({ price: 11.42, dropped: ['stale-feed', 'typo-desk'] });
      const refused = await thrownBy(() => client.executeJavaScript({ ...oracle, input }));
      expect(refused).toMatchObject({ code: 'ERR_JS_USER', message: expect.stringContaining('apiKey') });
    });

    it('keeps a sealed state through SIGKILL, and refuses it with a flipped bit', async () => {
      const data = new TextEncoder().encode('STATE-CANARY');
      const sealed = await client.sealData({ data, policy: cell.seal, name: 'state' });
      const { bootId } = await client.getInfo();
      process.kill(-enclavePid, 'SIGKILL');
      await next('enclave-lost');
      enclavePid = (await next('enclave-started')).pid ?? 0;
      expect((await thrownBy(() => client.getInfo())).code).toBe('ERR_CHANNEL_SESSION');
      expect((await client.getInfo()).bootId).not.toBe(bootId);
      expect(Buffer.from(await client.unsealData({ sealed, name: 'state' })).equals(data)).toBe(true);
      const flipped = sealed.slice();
      flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1;
      expect((await thrownBy(() => client.unsealData({ sealed: flipped, name: 'state' }))).code).toBe(
        'ERR_SEAL_TAMPERED',
      );
    });

    it('is refused by a client that does not allow simulation', async () => {
      const error = await thrownBy(() => connect(url, mrEnclave, false, root));
      expect(error).toMatchObject({ code: 'ERR_EVIDENCE_REJECTED', details: { code: 'ERR_SIMULATION_NOT_ALLOWED' } });
    });

    it("shows the program in the enclave nothing of the host's environment", async () => {
      // The program itself, not those who start it: its whole command is Node with the measured entry point.
      const [program] = processesWith('TEE_HOST_LINK_TOKEN=').filter(({ command }) =>
        /^\S*\/node \S*\/app\/start$/.test(command),
      );
      expect(program).toBeDefined();
      const names = (await readFile(`/proc/${program?.pid}/environ`, 'utf8'))
        .split('\0')
        .map((line) => line.split('=')[0]);
      expect(names).not.toContain('TEE_HOME');
      expect(names).not.toContain('OCCLUM_SIMULATION');
    });

    it('leaves nothing behind when it is stopped: no process, and no secret or input on the host', async () => {
      await client.dispose();
      const exited = new Promise<number | null>((resolve) => host.once('exit', resolve));
      host.stdin.end();
      expect(await exited).toBe(0);
      expect(await leftAfter(home, 3000)).toEqual([]);
      const recording = await readFile(join(home, 'recording.bin'));
      // The recording is of what really crossed: the evidence stands in it.
      expect(recording.length).toBeGreaterThan(10_000);
      expect(recording.includes('tee-channel/1 evidence')).toBe(true);
      const canaries = ['CANARY', 'example-key-4f1d9c27', 'meridian', 'north-exchange', 'weightedMedian'];
      for (const word of canaries) {
        expect(recording.includes(word), `${word} in the recording`).toBe(false);
        expect(hostOutput.includes(word), `${word} in the host's output`).toBe(false);
      }
      expect(filesHolding(home, canaries)).toEqual([]);
    });
  },
);

/** Files below the folder that hold one of the words; the copies of Node, which are public and large, aside. */
function filesHolding(folder: string, words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'node')
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const content = readFileSync(file);
      return words.some((word) => content.includes(word));
    });
}
