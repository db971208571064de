import { readFile } from 'node:fs/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { layoutHash, walkImage } from '../image/walk-image.ts';
import { type BuildMarker, configHash, judgeArtefacts } from './build-marker.ts';
import type { BuildOptions } from './build-options.ts';
import { imageKeyHash } from './image-key.ts';
import type { InstanceLayout } from './layout.ts';
import { readMeasurements } from './measurements.ts';
import type { SigningKey } from './signing-key.ts';
import { type OcclumTool, sgxModeOf } from './tool.ts';

/**
 * Checks that what was built is what was asked for: success alone does not say so (occlum-contract §9.5).
 *
 * @returns the marker that declares the build whole; writing it is the caller's last step
 * @throws TeeError ERR_OCCLUM_BUILD
 */
export async function inspectBuild(
  dir: string,
  tool: OcclumTool,
  layout: InstanceLayout,
  key: SigningKey,
  options: BuildOptions,
): Promise<BuildMarker> {
  const { mrEnclave, mrSigner } = await readMeasurements(dir, tool, options.signal);
  const wanted = options.imageKey === undefined ? 'integrity-only' : 'encrypted';
  const imageType = await imageTypeOf(layout.imageConfig);
  for (const [what, expected, actual] of [
    ['signer', key.mrSigner, mrSigner],
    ['kind of image', wanted, imageType ?? 'unknown'],
  ] as const) {
    if (expected === actual) continue;
    throw new TeeError('ERR_OCCLUM_BUILD', `occlum build made another ${what} than was asked for`, {
      expected,
      actual,
    });
  }
  const marker: BuildMarker = {
    version: 1,
    configHash: configHash(layout),
    layoutHash: layoutHash(await walkImage(layout.image)),
    sgxMode: sgxModeOf(tool),
    imageType: wanted,
    imageKeyHash: options.imageKey === undefined ? null : await imageKeyHash(options.imageKey.file),
    mrEnclave,
    mrSigner,
    label: options.label ?? null,
  };
  const state = judgeArtefacts(layout, marker);
  if (state !== undefined) throw new TeeError('ERR_OCCLUM_BUILD', `occlum build left no whole build: ${state}`);
  return marker;
}

/** What the build made, by image_config.json, which is written only when there is none (occlum-contract §0.8). */
async function imageTypeOf(file: string): Promise<string | undefined> {
  try {
    return z.object({ image_type: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).image_type;
  } catch {
    return undefined;
  }
}
