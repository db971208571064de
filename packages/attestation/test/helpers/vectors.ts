import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { sharedFolder } from '@neo-service-layer/testing';
import { collateralFromFiles } from '../../src/collateral/collateral-files.ts';

/** The folder of shared vectors, or null where it is not there. */
export const vectorsFolder = sharedFolder('vectors');

/** What a case.json says, as far as the tests use it. */
export interface VectorCase {
  id: string;
  tee: 'SGX' | 'TDX';
  quoteVersion: number;
  debug: boolean;
  trailingBytes: number;
  fmspc?: string;
  validAt: number | null;
  /** What the tests of the project say that the quote comes from. */
  expectedByRepo?: string;
  expectedIntelQvl: {
    status?: string;
    qe?: string;
    platform?: string;
    tdxModule?: string | null;
    advisoryIDs?: string[];
    tcbLevelDate?: string;
    error?: string;
  } | null;
  quote: Uint8Array;
  /** Null for cases that have none. */
  collateral: Collateral | null;
  trustAnchors: Uint8Array[] | undefined;
  hasBothCrls: boolean;
}

/** One case by its id, e.g. `phala/sgx_cfg_swh`. */
export function readCase(id: string): VectorCase {
  const folder = join(vectorsFolder ?? '', id);
  const json = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  const names: Record<string, string> = json.files ?? {};
  const files = Object.fromEntries(
    Object.entries(names).map(([name, file]) => [name, new Uint8Array(readFileSync(join(folder, file)))]),
  );
  return {
    ...json,
    quote: new Uint8Array(readFileSync(join(folder, 'quote.bin'))),
    collateral: files['tcb_info'] ? collateralFromFiles(files) : null,
    trustAnchors: files['trusted_root'] ? [files['trusted_root']] : undefined,
    hasBothCrls: files['pck_crl'] !== undefined && files['root_ca_crl'] !== undefined,
  };
}

/** Collateral of a case that must have some. */
export function collateralOf({ id, collateral }: VectorCase): Collateral {
  if (!collateral) throw new Error(`${id} has no collateral`);
  return collateral;
}

/** Every case in the folder. */
export function readAllCases(): VectorCase[] {
  const root = vectorsFolder;
  if (!root) return [];
  const groups = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups
    .flatMap(({ name: group }) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((id) => existsSync(join(root, id, 'case.json')))
    .map(readCase);
}

/** A file below the shared folder. */
export function readVector(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(vectorsFolder ?? '', path)));
}

/** A copy with one bit flipped. */
export function flipBit(bytes: Uint8Array, byte: number, bit = 0): Uint8Array {
  const copy = bytes.slice();
  copy[byte] = (copy[byte] ?? 0) ^ (1 << bit);
  return copy;
}
