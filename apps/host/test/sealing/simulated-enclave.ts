import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReport } from '@neo-service-layer/attestation/device';
import { buildEvidence } from '@neo-service-layer/attestation/evidence';
import { deviceSealKeys } from '@neo-service-layer/enclave-runtime';
import { SimulatedPlatform, writeSigstruct } from '@neo-service-layer/sgx-simulator';

/** How an enclave differs from the usual one. */
export interface EnclaveChanges {
  mrEnclave?: number;
  isvSvn?: number;
  debug?: boolean;
}

/** A simulated machine in a folder of its own. */
export async function newMachine(): Promise<{ platform: SimulatedPlatform; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sealing-'));
  const platform = await SimulatedPlatform.open(join(folder, 'platform'));
  return { platform, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** An enclave on a simulated CPU: its sealing keys, its measurement, and evidence it can make. */
export async function launch(platform: SimulatedPlatform, signKey: KeyObject, changes: EnclaveChanges = {}) {
  const { mrEnclave = 0x5a, isvSvn = 1, debug = false } = changes;
  const measurement = new Uint8Array(32).fill(mrEnclave);
  const sigstruct = writeSigstruct(
    {
      enclaveHash: measurement,
      attributes: { flags: 4n, xfrm: 3n },
      // The signer leaves DEBUG to whoever launches.
      attributeMask: { flags: 0xffff_ffff_ffff_fffdn, xfrm: 0n },
      miscSelect: 0,
      miscMask: 0xffff_ffff,
      isvProdId: 7,
      isvSvn,
      isvFamilyId: new Uint8Array(16),
      isvExtProdId: new Uint8Array(16),
      date: 0x20261125,
    },
    signKey,
  );
  const device = platform.launch({ sigstruct, measurement, debug }).device();
  const self = parseReport(await device.createReport());
  return {
    keys: deviceSealKeys(device, self),
    mrEnclave: Buffer.from(measurement).toString('hex'),
    evidence: (claims: Uint8Array) =>
      buildEvidence({
        claims,
        quote: { quote: (reportData) => device.generateQuote(reportData) },
        collateral: platform.collateral(new Date()),
      }),
  };
}
