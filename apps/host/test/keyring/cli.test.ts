/** The update of an enclave as its operator does it: two images on one machine, and then a third on another one. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeHandOver } from '@neo-service-layer/occlum-interface';
import { SimulatedPlatform, simulationRoot } from '@neo-service-layer/sgx-simulator';
import { HttpTransport, TeeClient } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cliEnvironment, runCli, startCli } from '../support/cli.ts';

// Each step starts a few enclaves, in processes of their own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const data = new TextEncoder().encode('the state of the oracle');
let folder: string;
let home: string;
let elsewhere: string;
const at = (name: string) => join(folder, name);

const environment = (instance: string, where = home): NodeJS.ProcessEnv => ({
  ...cliEnvironment(where),
  TEE_INSTANCE: instance,
});
/** Runs a command of an instance. */
async function json(instance: string, args: string[], where = home) {
  const { exitCode, stdout, stderr } = await runCli([...args, '--json'], environment(instance, where));
  if (stdout === '') throw new Error(`no document: ${stderr}`);
  return { exitCode, document: JSON.parse(stdout) };
}
const approvers = () => ['a', 'b', 'c'].flatMap((name) => ['--approver', at(`${name}.pem.pub`)]);
const grantOptions = () => ['image', 'build', '--keyring', 'grant', '--threshold', '2', ...approvers()];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tee-keyring-'));
  [home, elsewhere] = [at('home'), at('elsewhere')];
  for (const name of ['a', 'b', 'c', 'stranger']) await json('runtime', ['keyring', 'new-key', at(`${name}.pem`)]);
  for (const name of ['h1', 'h2']) await json('runtime', ['keyring', 'new-key', at(`${name}.pem`), '--holder']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Serves an instance while a client works with it. */
async function served<Result>(instance: string, action: (client: TeeClient) => Promise<Result>): Promise<Result> {
  const host = startCli(['serve', '--port', '0', '--exit-with-stdin'], environment(instance));
  const events = createInterface({ input: host.stdout })[Symbol.asyncIterator]();
  const exited = new Promise((resolve) => host.once('exit', resolve));
  try {
    const { url, mrEnclave } = JSON.parse((await events.next()).value);
    expect(JSON.parse((await events.next()).value).event).toBe('enclave-started');
    const client = await TeeClient.connect({
      transport: new HttpTransport(url),
      policy: { mrEnclave: [mrEnclave], allowSimulation: true },
      trustAnchors: [await simulationRoot(join(home, 'platform'))],
    });
    const result = await action(client);
    await client.dispose();
    return result;
  } finally {
    host.stdin.end();
    await exited;
  }
}

let sealed: Uint8Array;
let keyringId: string;
let [oldImage, newImage] = ['', ''];
const approve = (file: string, key: string, ...more: string[]) =>
  json('runtime', ['keyring', 'approve', '--file', at(file), '--key', at(`${key}.pem`), ...more]);
const words = (...until: string[]) => ['--keyring', keyringId, '--from', oldImage, '--to', newImage, ...until];

describe('keys of people', () => {
  it('are made for their owner alone, and never overwritten', async () => {
    expect((await stat(at('a.pem'))).mode & 0o777).toBe(0o600);
    const before = await readFile(at('a.pem'));
    expect((await json('runtime', ['keyring', 'new-key', at('a.pem')])).exitCode).toBe(1);
    expect(await readFile(at('a.pem'))).toEqual(before);
  });

  it('are refused where the other kind is wanted', async () => {
    const options = ['image', 'build', '--keyring', 'grant', '--approver', at('h1.pem.pub')];
    expect((await json('runtime', options)).document.error.code).toBe('ERR_INVALID_ARGUMENT');
  });
});

describe('an update of an enclave', () => {
  it('begins with data that the old image sealed, and which the new one cannot open', async () => {
    const built = await json('runtime', grantOptions());
    oldImage = built.document.mrEnclave;
    sealed = await served('runtime', async (client) => {
      keyringId = (await client.getInfo()).keyring.id ?? '';
      return client.sealData({ data, name: 'state' });
    });
    expect((await json('runtime', ['keyring', 'status'])).document.keyring).toMatchObject({
      origin: 'opened',
      id: keyringId,
      policy: { kind: 'grant', threshold: 2 },
    });
    // Other measured configuration, other image.
    const next = await json('v2', [...grantOptions(), '--holder', at('h1.pem.pub'), '--holder', at('h2.pem.pub')]);
    newImage = next.document.mrEnclave;
    expect(newImage).not.toBe(oldImage);
    // A later build without options stays the same.
    expect((await json('v2', ['image', 'build'])).document).toMatchObject({ mrEnclave: newImage, rebuilt: false });
    await served('v2', async (client) => {
      expect((await thrownBy(() => client.unsealData({ sealed, name: 'state' }))).code).toBe('ERR_SEAL_KEY_MISMATCH');
    });
  });

  it('is refused, with exit code 2, until enough approvers signed what fits, and has not run out', async () => {
    const grant = (file: string) => json('runtime', ['keyring', 'grant', '--approval', at(file), '--to', 'v2']);
    const refusal = { exitCode: 2, document: { ok: false, error: { code: 'ERR_SEAL_GRANT_REFUSED' } } };
    expect((await approve('one', 'a', ...words('--days', '7'))).document).toMatchObject({
      ok: true,
      approval: { toMrEnclave: newImage },
    });
    expect(await grant('one')).toMatchObject(refusal);
    await approve('one', 'stranger');
    expect(await grant('one')).toMatchObject(refusal);
    await approve('late', 'a', ...words('--not-after', '1600000000'));
    await approve('late', 'b');
    expect(await grant('late')).toMatchObject(refusal);
  });

  it('asks each approver to sign the same, once', async () => {
    expect((await approve('one', 'a')).exitCode).toBe(1);
    expect((await approve('one', 'c', '--to', oldImage)).document.error.code).toBe('ERR_INVALID_ARGUMENT');
    const people = await runCli(
      ['keyring', 'approve', '--file', at('one'), '--key', at('c.pem'), '--to', newImage],
      environment('runtime'),
    );
    expect(people.exitCode).toBe(0);
    expect(people.stdout).toContain(`MRENCLAVE ${newImage}`);
    expect(people.stdout).toContain(keyringId);
  });

  it('then hands the keyring over, and the new image opens what the old one sealed', async () => {
    const granted = await json('runtime', ['keyring', 'grant', '--approval', at('one'), '--to', 'v2']);
    expect(granted).toMatchObject({
      exitCode: 0,
      document: { ok: true, keyring: { origin: 'granted', id: keyringId } },
    });
    await served('v2', async (client) => {
      expect((await client.getInfo()).keyring).toMatchObject({ origin: 'opened', id: keyringId });
      expect(await client.unsealData({ sealed, name: 'state' })).toEqual(data);
    });
  });

  it('goes on through a rotation and a microcode update', async () => {
    expect((await json('v2', ['keyring', 'rotate'])).document.keyring).toMatchObject({ generation: 2 });
    const platform = await SimulatedPlatform.open(join(home, 'platform'));
    const cpuSvn = platform.cpuSvn;
    cpuSvn[0] = (cpuSvn[0] ?? 0) + 1;
    await platform.change({ cpuSvn });
    await served('v2', async (client) => {
      expect((await client.getInfo()).keyring).toMatchObject({ id: keyringId, rewrapped: true, resealNeeded: false });
      expect(await client.unsealData({ sealed, name: 'state' })).toEqual(data);
    });
    expect((await json('v2', ['keyring', 'status'])).document.keyring).toMatchObject({
      rewrapped: false,
      generation: 2,
    });
  });
});

describe('a move to another machine', () => {
  const there = () => elsewhere;
  const root = async (where: string, name: string) => {
    await writeFile(at(name), await simulationRoot(join(where, 'platform')));
    return at(name);
  };

  it('goes by files: a request, an approval, a grant', async () => {
    // Both images take both simulated machines; the roots are part of what is measured.
    await SimulatedPlatform.open(join(there(), 'platform'));
    const roots = ['--grant-root', await root(home, 'here.der'), '--grant-root', await root(there(), 'there.der')];
    const from = (await json('m1', [...grantOptions(), ...roots])).document.mrEnclave;
    const to = (await json('m2', [...grantOptions(), ...roots, '--holder', at('h1.pem.pub')], there())).document
      .mrEnclave;
    const { id } = (await json('m1', ['keyring', 'status'])).document.keyring;
    await approve('move', 'a', '--keyring', id, '--from', from, '--to', to, '--days', '1');
    await approve('move', 'b');

    const receiving = json(
      'm2',
      ['keyring', 'receive', '--request', at('request'), '--in', at('grant'), '--wait-seconds', '60'],
      there(),
    );
    while (!existsSync(at('request'))) await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await json('m1', ['seal', 'inspect', at('request')])).document.kind).toBe('grant request');
    const given = ['keyring', 'grant', '--approval', at('move'), '--request', at('request'), '--out', at('grant')];
    expect((await json('m1', given)).exitCode).toBe(0);
    expect(await receiving).toMatchObject({ exitCode: 0, document: { keyring: { origin: 'granted', id } } });
    expect((await json('m1', ['seal', 'inspect', at('grant')])).document.kind).toBe('grant');

    // The same grant again is for a request that is over.
    const again = ['keyring', 'receive', '--request', at('request2'), '--in', at('grant'), '--wait-seconds', '5'];
    expect(await json('m2', again, there())).toMatchObject({
      exitCode: 2,
      document: { error: { code: 'ERR_SEAL_GRANT_REFUSED' } },
    });
  });
});

describe('a machine that died', () => {
  it('is replaced with the shares of the holders', async () => {
    expect((await json('v2', ['keyring', 'backup', '--out', at('backup')])).exitCode).toBe(0);
    const { document } = decodeHandOver(await readFile(at('backup')));
    const sha256 = createHash('sha256').update(document).digest('hex');
    // All that was kept is gone; the image is still there.
    for (const file of await readdir(join(home, 'blobs', 'v2'))) await rm(join(home, 'blobs', 'v2', file));
    expect((await json('v2', ['keyring', 'status'])).document.keyring).toMatchObject({ origin: 'created' });

    await writeFile(at('policy.json'), JSON.stringify({ mrEnclave: [newImage], allowSimulation: true }));
    const share = (key: string, out: string, hash = sha256) =>
      json('v2', [
        ...['keyring', 'share', '--backup', at('backup'), '--sha256', hash, '--request', at('ask')],
        ...['--policy', at('policy.json'), '--key', at(`${key}.pem`), '--out', at(out)],
      ]);
    const shares = ['--share', at('share1'), '--share', at('share2'), '--wait-seconds', '60'];
    const recovering = json('v2', ['keyring', 'recover', '--backup', at('backup'), '--request', at('ask'), ...shares]);
    while (!existsSync(at('ask'))) await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await share('h1', 'share1', '00'.repeat(32))).document.error.code).toBe('ERR_INVALID_ARGUMENT');
    expect((await share('h1', 'share1')).exitCode).toBe(0);
    expect((await share('h2', 'share2')).exitCode).toBe(0);
    expect(await recovering).toMatchObject({
      exitCode: 0,
      document: { keyring: { origin: 'recovered', id: keyringId } },
    });
    await served('v2', async (client) => {
      expect(await client.unsealData({ sealed, name: 'state' })).toEqual(data);
    });
  });
});

describe('neo-tee keyring', () => {
  it('says with exit code 2 that a keyring cannot be opened, and makes a new one only when told to', async () => {
    const [name] = (await readdir(join(home, 'blobs', 'v2'))).filter((file) => file.startsWith('keyring.enclave.'));
    const file = join(home, 'blobs', 'v2', name ?? '');
    await writeFile(file, (await readFile(file)).subarray(0, 200));
    expect(await json('v2', ['keyring', 'status'])).toMatchObject({
      exitCode: 2,
      document: { ok: false, keyring: { origin: 'none', refusal: { code: expect.stringMatching(/^ERR_SEAL_/) } } },
    });
    expect(await json('v2', ['keyring', 'renew'])).toMatchObject({
      exitCode: 0,
      document: { keyring: { origin: 'created' } },
    });
    expect((await readdir(join(home, 'blobs', 'v2'))).some((kept) => kept.startsWith('keyring.unopened.'))).toBe(true);
  });

  it('says what is missing when the enclave is not built, or the command not whole', async () => {
    expect((await json('nowhere', ['keyring', 'status'])).document.error.code).toBe('ERR_OCCLUM_INSTANCE');
    expect((await json('../x', ['keyring', 'status'])).document.error.code).toBe('ERR_INVALID_ARGUMENT');
    for (const args of [
      ['grant'],
      ['grant', '--approval', 'x'],
      ['receive'],
      ['share'],
      ['recover'],
      ['backup'],
      ['approve'],
    ]) {
      expect((await json('v2', ['keyring', ...args])).exitCode).toBe(1);
    }
  });
});
