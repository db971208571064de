import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BlobSealer,
  DeviceKeys,
  describeBlob,
  Keyring,
  KeyringFile,
  type KeyringPolicy,
  ProcessAnchor,
  Sealer,
} from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';

const now = 1_800_000_000;
const data = new TextEncoder().encode('a secret of a user');
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const create = (policy: KeyringPolicy = { kind: 'enclave' }) => Keyring.create({ policy, now });

async function saved(keyring: Keyring, file = new KeyringFile(cpu())): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  await file.save(keyring, async (written) => {
    bytes = Uint8Array.from(written);
  });
  return bytes;
}

describe('a keyring', () => {
  it('opens what its generations sealed, and asks for a reseal of what an older one did', async () => {
    const keyring = create();
    const sealer = new BlobSealer(keyring);
    const blob = await sealer.seal(data, { name: 'alice' });
    expect(await sealer.open(blob, { name: 'alice' })).toMatchObject({ data, resealNeeded: false });
    expect(keyring.rotate({ now: now + 1 })).toBe(2);
    expect(await sealer.open(blob, { name: 'alice' })).toMatchObject({ data, resealNeeded: true });
    const again = await sealer.seal(data, { name: 'alice' });
    expect(await sealer.open(again, { name: 'alice' })).toMatchObject({ resealNeeded: false });
    expect(keyring.generations).toEqual([
      { generation: 1, created: now, state: 'decrypt-only' },
      { generation: 2, created: now + 1, state: 'active' },
    ]);
  });

  it('opens nothing of a destroyed generation, and says that it was destroyed', async () => {
    const keyring = create();
    const sealer = new BlobSealer(keyring);
    const blob = await sealer.seal(data);
    expect(await codeOf(() => keyring.destroy(1))).toBe('ERR_INVALID_ARGUMENT');
    keyring.rotate({ now });
    keyring.destroy(1);
    expect(await codeOf(() => sealer.open(blob))).toBe('ERR_SEAL_GENERATION_DESTROYED');
    expect(Buffer.from(keyring.encode()).toString('latin1')).not.toContain(data);
    const reopened = Keyring.decode(keyring.encode());
    expect(await codeOf(() => new BlobSealer(reopened).open(blob))).toBe('ERR_SEAL_GENERATION_DESTROYED');
  });

  it('refuses blobs of another keyring, of a CPU, and of a generation it does not have', async () => {
    const [keyring, other] = [create(), create()];
    const sealer = new BlobSealer(keyring);
    const foreign = await new BlobSealer(other).seal(data);
    const error = await thrownBy(() => sealer.open(foreign));
    expect(error).toMatchObject({ code: 'ERR_SEAL_KEY_MISMATCH', details: { reason: 'keyring' } });
    expect(await codeOf(async () => sealer.open(await new Sealer(cpu()).seal(data)))).toBe('ERR_SEAL_KEY_MISMATCH');
    const older = Keyring.decode(keyring.encode());
    keyring.rotate({ now });
    const newer = await sealer.seal(data);
    expect(await codeOf(() => new BlobSealer(older).open(newer))).toBe('ERR_SEAL_KEY_MISMATCH');
    expect(await codeOf(() => new Sealer(cpu()).unseal(newer))).toBe('ERR_SEAL_KEY_MISMATCH');
  });

  it('is read back as it was written, and any other bytes are refused', () => {
    const keys = fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
      minLength: 1,
      maxLength: 4,
      selector: String,
    });
    fc.assert(
      fc.property(keys, fc.nat(3), fc.nat(5), (approvers, threshold, rotations) => {
        const policy = { kind: 'grant' as const, approvers, threshold: Math.min(threshold + 1, approvers.length) };
        const keyring = create(policy);
        for (let i = 0; i < rotations; i += 1) keyring.rotate({ now });
        if (rotations > 1) keyring.destroy(1);
        const bytes = keyring.encode();
        expect(Keyring.decode(bytes).encode()).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, bit) => {
        expect(() => Keyring.decode(bytes)).toThrow(expect.objectContaining({ code: 'ERR_SEAL_FORMAT' }));
        const changed = create().encode();
        changed[0] = bit % 256 === changed[0] ? 0 : bit % 256;
        expect(() => Keyring.decode(changed)).toThrow(expect.objectContaining({ code: 'ERR_SEAL_FORMAT' }));
      }),
    );
  });

  it('refuses a policy that means nothing', async () => {
    const key = new Uint8Array(32);
    const bad: KeyringPolicy[] = [
      { kind: 'grant', approvers: [], threshold: 0 },
      { kind: 'grant', approvers: [key], threshold: 2 },
      { kind: 'grant', approvers: [key, key], threshold: 1 },
      { kind: 'grant', approvers: [new Uint8Array(31)], threshold: 1 },
    ];
    for (const policy of bad) expect(await codeOf(() => create(policy))).toBe('ERR_INVALID_ARGUMENT');
  });
});

describe('a saved keyring', () => {
  it('comes back in the same enclave, and in no other', async () => {
    const keyring = create();
    const blob = await new BlobSealer(keyring).seal(data);
    const bytes = await saved(keyring);
    const opened = await new KeyringFile(cpu()).open(bytes);
    expect(opened).toMatchObject({ resealNeeded: false, freshness: 'none' });
    expect((await new BlobSealer(opened.keyring).open(blob)).data).toEqual(data);
    for (const [change, reason] of [
      [{ fuse: 'fuse-2' }, 'cpu-or-mode'],
      [{ mrEnclave: 'cc' }, 'mr-enclave'],
      [{ debug: true }, 'cpu-or-mode'],
    ] as const) {
      const error = await thrownBy(() => new KeyringFile(cpu(change)).open(bytes));
      expect(error).toMatchObject({ code: 'ERR_SEAL_KEY_MISMATCH', details: { reason } });
    }
  });

  it('opens in another image of the same signer only under the policy signer', async () => {
    const bytes = await saved(create({ kind: 'signer' }));
    await new KeyringFile(cpu({ mrEnclave: 'cc' })).open(bytes);
    const error = await thrownBy(() => new KeyringFile(cpu({ mrSigner: 'cc' })).open(bytes));
    expect(error).toMatchObject({ code: 'ERR_SEAL_KEY_MISMATCH', details: { reason: 'mr-signer' } });
  });

  it('is refused when another enclave of the same signer planted it, whatever policy it claims', async () => {
    // The attacker runs its own code under the victim's signer: any keyring, wrapped to MRSIGNER as a saved one is.
    const plant = (policy: KeyringPolicy) => {
      const content = create(policy).encode();
      const keys = new DeviceKeys(cpu({ mrEnclave: 'cc' })).withPolicy('signer');
      const sealed = new BlobSealer(keys).seal(content, { name: 'tee-seal/1 keyring', epoch: 1 });
      return sealed.then((blob) => new Uint8Array(Buffer.concat([new Uint8Array(32), blob])));
    };
    const approvers = [new Uint8Array(32)];
    for (const policy of [{ kind: 'enclave' }, { kind: 'grant', approvers, threshold: 1 }] as const) {
      const planted = await plant(policy);
      expect(await codeOf(() => new KeyringFile(cpu()).open(planted))).toBe('ERR_SEAL_KEYRING_POLICY');
    }
    // One that says "signer" is what that enclave may make: whoever does not share says so in its configuration.
    const shared = await plant({ kind: 'signer' });
    await new KeyringFile(cpu()).open(shared);
    for (const policy of ['enclave', 'grant'] as const) {
      expect(await codeOf(() => new KeyringFile(cpu(), { policy }).open(shared))).toBe('ERR_SEAL_KEYRING_POLICY');
      const own = await saved(
        create(policy === 'grant' ? { kind: 'grant', approvers, threshold: 1 } : { kind: policy }),
      );
      await new KeyringFile(cpu(), { policy }).open(own);
    }
  });

  it('survives a rise of the security version with one reseal; the floor then refuses the old copy', async () => {
    const keyring = create();
    const blob = await new BlobSealer(keyring).seal(data);
    const old = await saved(keyring);
    const newer = new KeyringFile(cpu({ isvSvn: 3 }));
    const opened = await newer.open(old);
    expect(opened.resealNeeded).toBe(true);
    opened.keyring.raiseFloor(3);
    const fresh = await saved(opened.keyring, newer);
    const again = await newer.open(fresh);
    expect(again.resealNeeded).toBe(false);
    expect((await new BlobSealer(again.keyring).open(blob)).data).toEqual(data);
    expect(await codeOf(() => new KeyringFile(cpu()).open(fresh))).toBe('ERR_SEAL_SVN_TOO_NEW');
    const floored = new KeyringFile(cpu({ isvSvn: 3 }), { floor: { minIsvSvn: 3 } });
    expect(await codeOf(() => floored.open(old))).toBe('ERR_SEAL_SVN_BELOW_FLOOR');
    expect(await codeOf(() => again.keyring.raiseFloor(2))).toBe('ERR_INVALID_ARGUMENT');
  });

  it('is refused when it is older than the newest one, also across a crash between file and anchor', async () => {
    const anchor = new ProcessAnchor();
    const file = new KeyringFile(cpu(), { anchor });
    const keyring = create();
    const first = await saved(keyring, file);
    keyring.rotate({ now });
    const second = await saved(keyring, file);
    expect(await codeOf(() => file.open(first))).toBe('ERR_SEAL_ROLLBACK');
    expect(await file.open(second)).toMatchObject({ freshness: 'process' });
    const stopping = {
      ...anchor,
      kind: 'process' as const,
      read: anchor.read.bind(anchor),
      advance: async () => Promise.reject(new Error('killed')),
    };
    let third = new Uint8Array();
    const crashed = new KeyringFile(cpu(), { anchor: stopping }).save(keyring, async (bytes) => {
      third = Uint8Array.from(bytes);
    });
    await expect(crashed).rejects.toThrow('killed');
    await file.open(third);
    expect(await codeOf(() => file.open(second))).toBe('ERR_SEAL_ROLLBACK');
    const stale = Keyring.decode((await new KeyringFile(cpu()).open(first)).keyring.encode());
    expect(await codeOf(() => saved(stale, file))).toBe('ERR_SEAL_ROLLBACK');
  });

  it('is refused with any byte changed', async () => {
    const bytes = await saved(create());
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const code = await codeOf(() => new KeyringFile(cpu()).open(changed));
      expect(code).toMatch(/^ERR_SEAL_(FORMAT|TRUNCATED|TAMPERED|KEY_MISMATCH|SVN_TOO_NEW|NAME_MISMATCH)$/);
    }
  });
});

describe('a description of a blob', () => {
  it('says in words what the header says, without a key', async () => {
    const device = describeBlob(await new Sealer(cpu()).seal(data, { name: 'oracle' }));
    const lines = new Map(device.lines);
    expect(lines.get('name')).toBe('"oracle"');
    expect(lines.get('opens in')).toContain(`exactly MRENCLAVE ${'aa'.repeat(32)}`);
    expect(lines.get('trust')).toContain('none');
    const keyring = create();
    const text = describeBlob(await new BlobSealer(keyring).seal(data))
      .lines.flat()
      .join('\n');
    expect(text).toContain(`generation 1 of keyring ${Buffer.from(keyring.id).toString('hex')}`);
    expect(text).not.toContain(Buffer.from(data).toString());
    const blob = await new Sealer(cpu()).seal(data);
    expect(await codeOf(() => describeBlob(blob.subarray(0, 100)))).toBe('ERR_SEAL_TRUNCATED');
    expect(await codeOf(() => describeBlob(Uint8Array.of(1, 2, 3)))).toBe('ERR_SEAL_FORMAT');
  });
});
