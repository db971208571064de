import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { collateralFromFiles, collateralPartNames } from '@neo-service-layer/attestation';
import { readSimulatedCollateral, SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { z } from 'zod';
import type { HostSettings } from './settings.ts';

/**
 * Reads a folder of collateral parts: `tcb_info.json`, `pck_crl.der` and so on, named by part with any ending; other
 * files are passed over. Where a `case.json` lists `files`, that list says which file holds which part.
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT when the folder cannot be read, or what the attestation package says of it
 */
export function collateralFromFolder(folder: string): Collateral {
  const parts: Record<string, Uint8Array> = {};
  const known: ReadonlySet<string> = new Set(collateralPartNames);
  try {
    for (const [part, file] of partFiles(folder)) {
      if (known.has(part)) parts[part] = new Uint8Array(readFileSync(join(folder, basename(file))));
    }
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `The collateral folder ${folder} could not be read.`, { cause });
  }
  return collateralFromFiles(parts);
}

function partFiles(folder: string): [part: string, file: string][] {
  const names = readdirSync(folder);
  if (names.includes('case.json')) {
    const listed = caseSchema.safeParse(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')));
    if (listed.success) return Object.entries(listed.data.files);
  }
  return names.map((file) => [basename(file, extname(file)), file]);
}

const caseSchema = z.object({ files: z.record(z.string(), z.string()) });

/** Where a host gets collateral for its own platform. */
export function collateralSource(settings: HostSettings): () => Promise<Collateral> {
  if (settings.simulation) return () => readSimulatedCollateral(settings.platformDir, new Date());
  return async () => {
    if (settings.collateralDir !== null) return collateralFromFolder(settings.collateralDir);
    throw new TeeError('ERR_INVALID_ARGUMENT', 'There is no collateral for this platform.', {
      expected: 'TEE_COLLATERAL_DIR naming a folder with tcb_info.json, qe_identity.json, CRLs and issuer chains',
      actual: 'no such setting',
      hint: 'Fetch them from Intel PCS or your PCCS; the service client is not part of this version.',
    });
  };
}

/** The roots that this host's own clients trust: Intel's, or in simulation the simulated platform's. */
export async function trustAnchors(settings: HostSettings): Promise<Uint8Array[] | undefined> {
  // Makes the simulated machine when there is none yet: its root is known before its first enclave.
  return settings.simulation ? [(await SimulatedPlatform.open(settings.platformDir)).rootCertificate] : undefined;
}
