import { writeWhole } from '../files/write-whole.ts';
import type { Bom } from './bom-schema.ts';
import { parseBom, stringifyBom } from './parse-bom.ts';

/**
 * Writes a bom.yaml, whole or not at all, after checking that it reads back: for this package's copyBom() and for the
 * genuine copy_bom, whose whole grammar it is (occlum-contract §3). Replaces a file that is there.
 *
 * Does not check that what it names exists.
 *
 * @throws TeeError ERR_OCCLUM_BOM
 */
export async function writeBom(file: string, bom: Bom): Promise<void> {
  const text = stringifyBom(bom);
  parseBom(text, file);
  await writeWhole(file, text);
}
