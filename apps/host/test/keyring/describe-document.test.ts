import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BlobSealer,
  encodeSignedApproval,
  Keyring,
  KeyringFile,
  makeRecovery,
  Sealer,
  signApproval,
} from '@neo-service-layer/sealing';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDocument } from '../../src/keyring/describe-document.ts';
import { signer } from '../in-process/enclave.ts';
import { launch, newMachine } from '../sealing/simulated-enclave.ts';
import { cliEnvironment, runCli } from '../support/cli.ts';

let machine: Awaited<ReturnType<typeof newMachine>>;
let keys: Awaited<ReturnType<typeof launch>>['keys'];
let folder: string;
const data = new Uint8Array(100_000);

beforeAll(async () => {
  machine = await newMachine();
  keys = (await launch(machine.platform, signer())).keys;
  folder = await mkdtemp(join(tmpdir(), 'seal-inspect-'));
});
afterAll(async () => {
  await machine.remove();
  await rm(folder, { recursive: true, force: true });
});

const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 0 });
const id = Buffer.from(keyring.id).toString('hex');
const says = (bytes: Uint8Array) => {
  const { kind, lines } = describeDocument(bytes);
  return { kind, ...Object.fromEntries(lines) };
};

describe('a document of sealing says about itself', () => {
  it('as a blob: whom it is sealed to, its name, sizes and chunks', async () => {
    expect(says(await new Sealer(keys).seal(data, { name: 'state' }))).toMatchObject({
      kind: 'blob',
      name: '"state"',
      plaintext: expect.stringContaining('100000 bytes'),
      chunks: '2',
      'opens in': expect.stringContaining(`MRENCLAVE ${'5a'.repeat(32)}`),
      'security versions': expect.stringContaining('isvSvn 1'),
    });
    expect(says(await new BlobSealer(keyring).seal(data))).toMatchObject({
      kind: 'blob',
      'opens with': `generation 1 of keyring ${id}`,
    });
  });

  it('as the file of a keyring: how often it was saved', async () => {
    let file = new Uint8Array();
    const save = async (bytes: Uint8Array) => {
      file = Uint8Array.from(bytes);
    };
    await new KeyringFile(keys).save(keyring, save);
    expect(says(file)).toMatchObject({
      kind: 'keyring file',
      'times saved': '1',
      follows: expect.stringMatching(/^nothing/),
    });
  });

  it('as an approval and a backup: for which keyring, by and for whom', async () => {
    const [from, to] = ['11'.repeat(32), '22'.repeat(32)];
    const approval = {
      keyringId: keyring.id,
      fromMrEnclave: from,
      toMrEnclave: to,
      minIsvSvn: 3,
      notAfter: 1_800_000_000,
    };
    const { privateKey } = generateKeyPairSync('ed25519');
    expect(says(encodeSignedApproval(signApproval({ approval, signatures: [] }, privateKey)))).toMatchObject({
      kind: 'approval',
      keyring: id,
      'may go from': `MRENCLAVE ${from}`,
      to: `MRENCLAVE ${to}`,
      until: '2027-01-15T08:00:00.000Z',
      signatures: expect.stringMatching(/^1,/),
    });
    const holder = generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(12);
    expect(says(await makeRecovery(keyring, { holders: [holder], threshold: 1 }))).toMatchObject({
      kind: 'recovery document',
      keyring: id,
      'opens with': expect.stringMatching(/^1 of 1 shares/),
    });
  });

  it('nothing when it is none: a typed refusal for any bytes, and for each beginning of a real one', async () => {
    const isTyped = async (bytes: Uint8Array) => {
      const { code } = await thrownBy(() => describeDocument(bytes));
      expect(['ERR_SEAL_FORMAT', 'ERR_SEAL_TRUNCATED']).toContain(code);
    };
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), isTyped));
    const blob = await new BlobSealer(keyring).seal(Uint8Array.of(1));
    for (let at = 0; at < 150; at += 1) await isTyped(blob.subarray(0, at));
  });
});

describe('neo-tee seal inspect', () => {
  it('prints it, as lines or as one document, and opens nothing', async () => {
    const file = join(folder, 'state.sealed');
    await writeFile(file, await new BlobSealer(keyring).seal(data, { name: 'state' }));
    const people = await runCli(['seal', 'inspect', file], cliEnvironment(folder));
    expect(people.exitCode).toBe(0);
    expect(people.stdout).toContain(`generation 1 of keyring ${id}`);
    expect(people.stdout).toContain('by its own word');
    const { exitCode, stdout } = await runCli(['seal', 'inspect', file, '--json'], cliEnvironment(folder));
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, kind: 'blob', verified: false });
  });

  it('exits with 1 and a typed error for what is none', async () => {
    const file = join(folder, 'text.txt');
    await writeFile(file, 'hello');
    const { exitCode, stdout } = await runCli(['seal', 'inspect', file, '--json'], cliEnvironment(folder));
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'ERR_SEAL_FORMAT' } });
    expect((await runCli(['seal', 'inspect'], cliEnvironment(folder))).exitCode).toBe(1);
  });
});
