import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { Bom } from './bom-schema.ts';
import { parseBom } from './parse-bom.ts';

const maxBoms = 100;

/**
 * Reads a bom.yaml with everything it includes, included ones first: later entries win in the image, and the one who
 * includes has the last word.
 *
 * @param includeDirs searched after the including file's own folder
 * @throws TeeError ERR_OCCLUM_BOM: also when one is missing, includes itself, or there are more than 100
 */
export async function loadBoms(file: string, includeDirs: readonly string[] = []): Promise<Bom[]> {
  const loaded = new Map<string, Bom>();
  await load(resolve(file), [], includeDirs, loaded);
  return [...loaded.values()];
}

async function load(
  file: string,
  above: readonly string[],
  includeDirs: readonly string[],
  loaded: Map<string, Bom>,
): Promise<void> {
  if (above.includes(file))
    throw new TeeError('ERR_OCCLUM_BOM', `${file} includes itself`, { actual: above.join(', ') });
  if (loaded.has(file)) return;
  if (above.length + loaded.size >= maxBoms) throw new TeeError('ERR_OCCLUM_BOM', `more than ${maxBoms} boms`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_BOM', `the bom ${file} cannot be read`, { cause });
  }
  const bom = parseBom(text, file);
  for (const include of bom.includes ?? []) {
    const places = [dirname(file), ...includeDirs].map((folder) => resolve(folder, include));
    const found = places.find((place) => existsSync(place));
    if (found === undefined) {
      throw new TeeError('ERR_OCCLUM_BOM', `the included bom ${include} was not found`, {
        expected: places.join(', '),
      });
    }
    await load(found, [...above, file], includeDirs, loaded);
  }
  loaded.set(file, bom);
}
