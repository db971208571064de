/** Sealing on a simulated machine to which things happen: what opens, what does not, and what the error says. */
import { generateKeyPairSync } from 'node:crypto';
import { BlobSealer, Keyring, KeyringFile, Sealer } from '@neo-service-layer/sealing';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EnclaveChanges, launch, newMachine } from './simulated-enclave.ts';

const newSigner = () => generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey;
const [signer, otherSigner] = [newSigner(), newSigner()];
const data = new TextEncoder().encode('the state of the oracle');
const machines: Awaited<ReturnType<typeof newMachine>>[] = [];
let machine: Awaited<ReturnType<typeof newMachine>>;

beforeAll(async () => {
  machine = await newMachine();
  machines.push(machine, await newMachine());
});
afterAll(async () => {
  for (const { remove } of machines) await remove();
});

const enclave = (changes?: EnclaveChanges, platform = machine.platform, key = signer) => launch(platform, key, changes);
const sealed = async (policy: 'enclave' | 'signer') => new Sealer((await enclave()).keys).seal(data, { policy });

describe('a blob sealed on a simulated CPU', () => {
  it('opens in the same enclave after a restart', async () => {
    const opened = await new Sealer((await enclave()).keys).unseal(await sealed('enclave'));
    expect(opened).toMatchObject({ resealNeeded: false, freshness: 'none' });
    expect(Buffer.from(opened.data).equals(data)).toBe(true);
  });

  it.each([
    ['the image was rebuilt', 'enclave', 'mr-enclave', () => enclave({ mrEnclave: 0x77 })],
    ['the signer changed', 'signer', 'mr-signer', () => enclave({}, machine.platform, otherSigner)],
    ['it is another machine', 'enclave', 'cpu-or-mode', () => enclave({}, machines[1]?.platform)],
    ['it is another machine', 'signer', 'cpu-or-mode', () => enclave({}, machines[1]?.platform)],
    ['the enclave runs in debug mode', 'enclave', 'cpu-or-mode', () => enclave({ debug: true })],
    ['the enclave runs in debug mode', 'signer', 'cpu-or-mode', () => enclave({ debug: true })],
  ] as const)('does not open when %s (sealed to %s): %s', async (_what, policy, reason, opener) => {
    const blob = await sealed(policy);
    const { keys } = await opener();
    const error = await thrownBy(() => new Sealer(keys).unseal(blob));
    expect(error).toMatchObject({ code: 'ERR_SEAL_KEY_MISMATCH', details: { reason }, hint: expect.any(String) });
  });

  it('opens in a rebuilt image of the same signer when it was sealed to the signer', async () => {
    const { keys } = await enclave({ mrEnclave: 0x77 });
    expect(Buffer.from((await new Sealer(keys).unseal(await sealed('signer'))).data).equals(data)).toBe(true);
  });

  it('does not open in production when it was sealed in debug mode', async () => {
    const blob = await new Sealer((await enclave({ debug: true })).keys).seal(data);
    const error = await thrownBy(async () => new Sealer((await enclave()).keys).unseal(blob));
    expect(error.code).toBe('ERR_SEAL_KEY_MISMATCH');
  });

  it('opens at a later ISVSVN, and at an earlier one not', async () => {
    const blob = await new Sealer((await enclave({ isvSvn: 4 })).keys).seal(data, { policy: 'signer' });
    const later = await new Sealer((await enclave({ isvSvn: 5 })).keys).unseal(blob);
    expect(later.resealNeeded).toBe(true);
    const error = await thrownBy(async () => new Sealer((await enclave({ isvSvn: 3 })).keys).unseal(blob));
    expect(error.code).toBe('ERR_SEAL_SVN_TOO_NEW');
  });
});

describe('a keyring through a microcode update', () => {
  it('opens after it, is wrapped again, and the floor then refuses the old copy; before it, the new copy is refused', async () => {
    const own = await newMachine();
    machines.push(own);
    const oldVersion = own.platform.cpuSvn;
    const save = async (keyring: Keyring, file: KeyringFile) => {
      let bytes = new Uint8Array();
      await file.save(keyring, async (written) => {
        bytes = Uint8Array.from(written);
      });
      return bytes;
    };
    const before = await enclave({}, own.platform);
    const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1_800_000_000 });
    const blob = await new BlobSealer(keyring).seal(data);
    const oldCopy = await save(keyring, new KeyringFile(before.keys));

    const newVersion = oldVersion.slice();
    newVersion[0] = (newVersion[0] ?? 0) + 1;
    const raised = await own.platform.change({ cpuSvn: newVersion });
    const after = await enclave({}, raised);
    const opened = await new KeyringFile(after.keys).open(oldCopy);
    expect(opened.resealNeeded).toBe(true);
    const newCopy = await save(opened.keyring, new KeyringFile(after.keys));
    const again = await new KeyringFile(after.keys).open(newCopy);
    expect(again.resealNeeded).toBe(false);
    expect(Buffer.from((await new BlobSealer(again.keyring).open(blob)).data).equals(data)).toBe(true);
    const floored = new KeyringFile(after.keys, { floor: { onlyCurrentCpuSvn: true } });
    expect((await thrownBy(() => floored.open(oldCopy))).code).toBe('ERR_SEAL_SVN_BELOW_FLOOR');
    await floored.open(newCopy);

    const lowered = await enclave({}, await raised.change({ cpuSvn: oldVersion }));
    const error = await thrownBy(() => new KeyringFile(lowered.keys).open(newCopy));
    expect(error).toMatchObject({ code: 'ERR_SEAL_SVN_TOO_NEW', hint: expect.stringContaining('microcode') });
  });
});
