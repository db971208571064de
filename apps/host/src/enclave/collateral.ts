import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { collateralFromFiles, collateralPartNames } from '@neo-service-layer/attestation';
import { CollateralService, type Edition } from '@neo-service-layer/attestation/collateral-service';
import { DiskCollateralCache } from '@neo-service-layer/attestation/collateral-service-node';
import { readSimulatedCollateral, SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
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

/**
 * Where a host gets collateral for a quote: from a folder, from the simulated platform, or from Intel's service (or a
 * PCCS), whose answers are kept under the home folder and used until they expire.
 */
export function collateralSource(settings: HostSettings): (quote: Uint8Array) => Promise<Collateral> {
  const { collateralDir, platformDir } = settings;
  if (collateralDir !== null) return async () => collateralFromFolder(collateralDir);
  if (settings.simulation) return () => readSimulatedCollateral(platformDir, new Date());
  const service = collateralService(settings);
  return async (quote) => (await service.collateralFor(quote)).collateral;
}

/** The client of the collateral service that the settings name. */
export function collateralService({ home, collateralUrl }: HostSettings, edition: Edition = {}): CollateralService {
  return new CollateralService({
    now: () => Date.now() / 1000,
    rng: Math.random,
    cache: new DiskCollateralCache(join(home, 'collateral')),
    ...(collateralUrl === null ? {} : { baseUrl: collateralUrl }),
    ...edition,
  });
}

/** The roots that this host's own clients trust: Intel's, or in simulation the simulated platform's. */
export async function trustAnchors(settings: HostSettings): Promise<Uint8Array[] | undefined> {
  // Makes the simulated machine when there is none yet: its root is known before its first enclave.
  return settings.simulation ? [(await SimulatedPlatform.open(settings.platformDir)).rootCertificate] : undefined;
}
