import { readFile } from 'node:fs/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import { writeWhole } from '../files/write-whole.ts';
import { type InitRaConfig, initRaConfigText, parseInitRaJson } from '../init-ra/init-ra-config.ts';
import type { InstanceLayout } from './layout.ts';

/**
 * The init-RA configuration that the next build will measure; undefined for an instance with the plain init.
 *
 * @throws TeeError ERR_OCCLUM_INIT_RA
 */
export async function readInitRa(layout: InstanceLayout): Promise<InitRaConfig | undefined> {
  const text = await readFile(layout.initRaConfig, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parseInitRaJson(text);
}

/**
 * Replaces the init-RA configuration by one of the same kind: the kind is that of the init process in initfs.
 *
 * @throws TeeError ERR_OCCLUM_INIT_RA
 */
export async function writeInitRa(layout: InstanceLayout, config: InitRaConfig): Promise<void> {
  const there = await readInitRa(layout);
  if (there?.kind !== config.kind) {
    throw new TeeError('ERR_OCCLUM_INIT_RA', 'the instance has no init process of that kind', {
      expected: there?.kind ?? 'no init_ra_conf.json',
      actual: config.kind,
      hint: 'Make the instance with createInstance(dir, { initRa }).',
    });
  }
  await writeWhole(layout.initRaConfig, initRaConfigText(config));
}
