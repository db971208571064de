/** A running host gets a new image: with the keyring and the store of the old one, under calls. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { simulationRoot } from '@neo-service-layer/sgx-simulator';
import { ephemeralUserKey, HttpTransport, TeeClient } from '@neo-service-layer/tee-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { cliEnvironment, runCli, startCli } from '../support/cli.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let folder: string;
let host: ReturnType<typeof startCli>;
let client: TeeClient;
let [oldImage, newImage] = ['', ''];
let keyringId: string;
const at = (name: string) => join(folder, name);
const environment = (instance: string) => ({ ...cliEnvironment(at('home')), TEE_INSTANCE: instance });

/** Runs a command of an instance. */
async function json(instance: string, args: string[]) {
  const { exitCode, stdout, stderr } = await runCli([...args, '--json'], environment(instance));
  if (stdout === '') throw new Error(`no document: ${stderr}`);
  return { exitCode, document: JSON.parse(stdout) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tee-replace-'));
  for (const [name, ...kind] of [['a'], ['h', '--holder']] as const) {
    await json('runtime', ['keyring', 'new-key', at(`${name}.pem`), ...kind]);
  }
  const build = ['image', 'build', '--keyring', 'grant', '--threshold', '1', '--approver', at('a.pem.pub')];
  oldImage = (await json('runtime', build)).document.mrEnclave;
  newImage = (await json('v2', [...build, '--holder', at('h.pem.pub')])).document.mrEnclave;
  host = startCli(['serve', '--port', '0', '--enclaves', '2', '--exit-with-stdin'], environment('runtime'));
  const events = createInterface({ input: host.stdout })[Symbol.asyncIterator]();
  const { url } = JSON.parse((await events.next()).value);
  for (let started = 0; started < 2; ) {
    if (JSON.parse((await events.next()).value).event === 'enclave-started') started += 1;
  }
  client = await TeeClient.connect({
    transport: new HttpTransport(url),
    policy: { mrEnclave: [oldImage, newImage], allowSimulation: true },
    trustAnchors: [await simulationRoot(join(at('home'), 'platform'))],
    user: await ephemeralUserKey('alice'),
  });
  await client.putData({ name: 'balance', value: Uint8Array.of(42) });
  keyringId = (await client.getInfo()).keyring.id ?? '';
});
afterAll(async () => {
  await client?.dispose();
  const exited = new Promise((resolve) => host.once('exit', resolve));
  host.stdin.end();
  await exited;
  await rm(folder, { recursive: true, force: true });
});

const pids = async () =>
  (await json('runtime', ['status'])).document.members.map(({ pid }: { pid: number }) => pid) as number[];

it('keeps the old image, and all of its enclaves, where the keyring may not go to the new one', async () => {
  const before = await pids();
  const refused = await json('runtime', ['enclaves', 'replace', 'v2']);
  expect(refused).toMatchObject({ exitCode: 2, document: { ok: false, error: { code: 'ERR_SEAL_GRANT_REFUSED' } } });
  const unknown = await json('runtime', ['enclaves', 'replace', 'v3']);
  expect(unknown.exitCode).toBe(1);
  expect(await pids()).toEqual(before);
  expect((await client.getData({ name: 'balance' }))?.value).toEqual(Uint8Array.of(42));
  expect((await client.getInfo()).mrEnclave).toBe(oldImage);
});

it('puts the new image in its place without a call that fails for good, with the data of users', async () => {
  const before = await pids();
  const words = ['--keyring', keyringId, '--from', oldImage, '--to', newImage, '--days', '1'];
  await json('runtime', ['keyring', 'approve', '--file', at('approval'), '--key', at('a.pem'), ...words]);
  let isOver = false;
  const codes: string[] = [];
  const calling = (async () => {
    let written = 0;
    while (!isOver) {
      try {
        await client.putData({ name: 'count', value: Uint8Array.of((written + 1) & 0xff) });
        written += 1;
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    }
    return written;
  })();
  const replaced = await json('runtime', ['enclaves', 'replace', 'v2', '--approval', at('approval')]);
  expect(replaced).toMatchObject({ exitCode: 0, document: { ok: true, instance: 'v2' } });
  isOver = true;
  const written = await calling;
  expect(written).toBeGreaterThan(0);
  // What the next call gets over.
  expect(codes.filter((code) => code !== 'ERR_CHANNEL_SESSION')).toEqual([]);
  expect(await client.getInfo()).toMatchObject({ mrEnclave: newImage, keyring: { id: keyringId } });
  expect((await client.getData({ name: 'balance' }))?.value).toEqual(Uint8Array.of(42));
  // Nothing that was acknowledged is gone.
  expect((await client.getData({ name: 'count' }))?.value).toEqual(Uint8Array.of(written & 0xff));
  for (const pid of await pids()) expect(before).not.toContain(pid);
});
