import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeKeyRequest,
  type KeyRequest,
  keyNames,
  keyPolicies,
  sealingMasks,
} from '@neo-service-layer/attestation/device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulatedEnclave } from '../../src/platform/enclave.ts';
import { SimulatedPlatform } from '../../src/platform/platform.ts';
import { measurement, newSigningKey, signedBy, signingKey } from '../support/signing.ts';

let folder: string;
let platform: SimulatedPlatform;
const other = { measurement: new Uint8Array(32).fill(1) };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sgx-keys-'));
  platform = await SimulatedPlatform.open(join(folder, 'machine'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function launch(
  options: { on?: SimulatedPlatform; debug?: boolean; sign?: Parameters<typeof signedBy>[1]; key?: 'other' } = {},
): SimulatedEnclave {
  const key = options.key === 'other' ? newSigningKey() : signingKey();
  const hash = options.sign?.enclaveHash ?? measurement;
  const { debug = false } = options;
  return (options.on ?? platform).launch({ sigstruct: signedBy(key, options.sign), measurement: hash, debug });
}

function request(changes: Partial<KeyRequest> = {}): KeyRequest {
  return {
    keyName: keyNames.seal,
    keyPolicy: keyPolicies.mrSigner,
    isvSvn: 3,
    cpuSvn: platform.cpuSvn,
    attributeMask: { flags: sealingMasks.flags, xfrm: sealingMasks.xfrm },
    keyId: new Uint8Array(32).fill(9),
    miscMask: sealingMasks.miscSelect,
    configSvn: 0,
    ...changes,
  };
}

function keyOf(enclave: SimulatedEnclave, changes: Partial<KeyRequest> = {}): string {
  return Buffer.from(enclave.getKey(encodeKeyRequest(request(changes))) ?? new Uint8Array(0)).toString('hex');
}

describe('the sealing key', () => {
  test('is 16 bytes, the same for the same request, also after the machine is opened again', async () => {
    const key = keyOf(launch());
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(keyOf(launch())).toBe(key);
    expect(keyOf(launch({ on: await SimulatedPlatform.open(join(folder, 'machine')) }))).toBe(key);
  });

  test('is another on another machine', async () => {
    const second = await SimulatedPlatform.open(join(folder, 'second'));
    expect(keyOf(launch({ on: second }))).not.toBe(keyOf(launch()));
  });

  test('is another in debug mode, whatever the mask says', () => {
    const everything = { attributeMask: { flags: 0n, xfrm: 0n } };
    expect(keyOf(launch({ debug: true }))).not.toBe(keyOf(launch()));
    expect(keyOf(launch({ debug: true }), everything)).not.toBe(keyOf(launch(), everything));
  });

  test('follows the measurement, the signer or both, as the policy says', () => {
    const changed = launch({ sign: { enclaveHash: other.measurement } });
    const resigned = launch({ key: 'other' });
    const byEnclave = { keyPolicy: keyPolicies.mrEnclave };
    const bySigner = { keyPolicy: keyPolicies.mrSigner };
    expect(keyOf(changed, byEnclave)).not.toBe(keyOf(launch(), byEnclave));
    expect(keyOf(changed, bySigner)).toBe(keyOf(launch(), bySigner));
    expect(keyOf(resigned, bySigner)).not.toBe(keyOf(launch(), bySigner));
    expect(keyOf(resigned, byEnclave)).toBe(keyOf(launch(), byEnclave));
    expect(keyOf(launch(), byEnclave)).not.toBe(keyOf(launch(), bySigner));
  });

  test('is another for another product, key id, SVN, mask or misc mask', () => {
    const base = keyOf(launch());
    const older = platform.cpuSvn;
    older[0] = 0;
    const keys = [
      keyOf(launch({ sign: { isvProdId: 8 } })),
      keyOf(launch(), { keyId: new Uint8Array(32) }),
      keyOf(launch(), { isvSvn: 2 }),
      keyOf(launch(), { cpuSvn: older }),
      keyOf(launch(), { attributeMask: { flags: sealingMasks.flags | 4n, xfrm: 0n } }),
      keyOf(launch(), { attributeMask: { flags: sealingMasks.flags, xfrm: 1n } }),
      keyOf(launch(), { miscMask: 0 }),
    ];
    expect(new Set([base, ...keys]).size).toBe(keys.length + 1);
    expect(keys).not.toContain('');
  });

  test('of an older security version is to be had by a newer one, never the other way round', () => {
    const newer = launch({ sign: { isvSvn: 4 } });
    expect(keyOf(newer, { isvSvn: 3 })).toBe(keyOf(launch(), { isvSvn: 3 }));
    expect(keyOf(launch(), { isvSvn: 4 })).toBe('');
  });

  test('survives a microcode update under the old CPUSVN, and is lost with its removal', async () => {
    const machine = await SimulatedPlatform.open(join(folder, 'updated'));
    const before = launch({ on: machine });
    const oldSvn = machine.cpuSvn;
    const key = keyOf(before, { cpuSvn: oldSvn });
    const newSvn = machine.cpuSvn;
    newSvn[0] = 9;
    const updated = await machine.change({ cpuSvn: newSvn });
    expect(keyOf(launch({ on: updated }), { cpuSvn: oldSvn })).toBe(key);
    const fresh = keyOf(launch({ on: updated }), { cpuSvn: newSvn });
    expect(fresh).not.toBe('');
    const downgraded = await updated.change({ cpuSvn: oldSvn });
    expect(keyOf(launch({ on: downgraded }), { cpuSvn: newSvn })).toBe('');
    expect(keyOf(launch({ on: downgraded }), { cpuSvn: oldSvn })).toBe(key);
  });

  test('is refused for unknown policy bits, other key names, KSS policies without KSS and reserved bytes', async () => {
    const enclave = launch();
    for (const keyPolicy of [0x40, 0x8000, keyPolicies.configId, keyPolicies.isvFamilyId, keyPolicies.noIsvProdId]) {
      expect(keyOf(enclave, { keyPolicy })).toBe('');
    }
    for (const keyName of [0, 1, 2, 5]) expect(keyOf(enclave, { keyName })).toBe('');
    expect(keyOf(enclave, { configSvn: 1 })).toBe('');
    const reserved = encodeKeyRequest(request());
    reserved[100] = 1;
    await expect(enclave.device().getKey(reserved)).rejects.toMatchObject({ code: 'ERR_DEVICE_REFUSED' });
    await expect(enclave.device().getKey(encodeKeyRequest(request()))).resolves.toHaveLength(16);
  });

  test('of a KSS enclave may follow its configuration', () => {
    const sigstruct = signedBy(signingKey(), { attributes: { flags: 0x84n, xfrm: 3n } });
    const configured = (fill: number) =>
      platform.launch({ sigstruct, measurement, kss: true, configId: new Uint8Array(64).fill(fill), configSvn: 2 });
    const policy = { keyPolicy: keyPolicies.mrSigner | keyPolicies.configId, configSvn: 1 };
    expect(keyOf(configured(1), policy)).toMatch(/^[0-9a-f]{32}$/);
    expect(keyOf(configured(1), policy)).not.toBe(keyOf(configured(2), policy));
    expect(keyOf(configured(1), { ...policy, configSvn: 3 })).toBe('');
  });
});
