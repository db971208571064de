import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { OcclumConfig } from '../config/schema.ts';
import { checkImage } from '../image/check-image.ts';
import { walkImage } from '../image/walk-image.ts';
import { type InitRaConfig, verifiesKeyService } from '../init-ra/init-ra-config.ts';
import type { BuildOptions } from './build-options.ts';
import { checkImageKey } from './image-key.ts';
import { readInitRa } from './init-ra-file.ts';
import type { InstanceLayout } from './layout.ts';
import { readSigningKey, refuseTemplateKey, type SigningKey } from './signing-key.ts';
import type { OcclumTool } from './tool.ts';

/**
 * Checks all that goes into a build before any tool runs (occlum-contract §9.6): signing key, image key, init-RA, image,
 * space.
 *
 * @throws TeeError ERR_OCCLUM_SIGNING_KEY, ERR_OCCLUM_IMAGE, ERR_OCCLUM_INIT_RA, ERR_OCCLUM_BUILD (no space)
 */
export async function checkBuildInputs(
  layout: InstanceLayout,
  tool: OcclumTool,
  config: OcclumConfig,
  { signKey, imageKey, allowUnverifiedKeyService = false }: BuildOptions,
): Promise<SigningKey> {
  const key = await readSigningKey(signKey);
  const initRa = await readInitRa(layout);
  if (
    initRa !== undefined &&
    !allowUnverifiedKeyService &&
    !config.metadata.debuggable &&
    !verifiesKeyService(initRa)
  ) {
    throw new TeeError('ERR_OCCLUM_INIT_RA', 'the init process would take secrets from any key service', {
      expected: 'a measurement or a signer of the key service to verify, in init_ra_conf.json',
      hint: 'Write one with writeInitRaConfig(); the template that occlum new leaves verifies nothing.',
    });
  }
  if (imageKey !== undefined) await checkImageKeyDelivery(initRa, config, imageKey);
  if (!config.metadata.debuggable) {
    const root = join(tool.executable.file, '..', '..', '..');
    await refuseTemplateKey(key, [join(root, 'etc/template/Enclave.pem')]);
  }
  const all = await checkImage(layout.image, {
    entryPoints: config.entry_points,
    mountTargets: config.mount.filter(({ target }) => target !== '/').map(({ target }) => target),
    requirePie: tool.demandsPie,
  });
  const findings = all.filter(({ severity }) => severity === 'error');
  const [first] = findings;
  if (first !== undefined) {
    const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
    throw new TeeError('ERR_OCCLUM_IMAGE', `${first.path}: ${first.problem}${more}`, {
      details: { findings: findings.map((finding) => ({ ...finding })) },
    });
  }
  await checkSpace(layout);
  return key;
}

/** Without a way to its key an encrypted image builds, and then no program ever starts (issue 1579). */
async function checkImageKeyDelivery(
  initRa: InitRaConfig | undefined,
  config: OcclumConfig,
  { file, delivery }: { file: string; delivery: 'init-ra' | 'allow-built-in' },
): Promise<void> {
  await checkImageKey(file);
  if (delivery === 'init-ra' && initRa === undefined) {
    throw new TeeError('ERR_OCCLUM_IMAGE', 'the instance has no init-RA to get the image key with', {
      expected: 'init_ra_conf.json in the instance',
      hint: 'Make the instance with createInstance(dir, { initRa }).',
    });
  }
  if (delivery === 'allow-built-in' && !config.metadata.debuggable) {
    throw new TeeError('ERR_OCCLUM_IMAGE', 'an image key within the image protects nothing from the host', {
      hint: 'It is for tests, with allowDebug. Use init-RA.',
    });
  }
}

/** A full disk in the middle of a build is reported by make in ways nobody recognises (issue 157). */
async function checkSpace(layout: InstanceLayout): Promise<void> {
  const image = (await walkImage(layout.image)).reduce((sum, { size }) => sum + size, 0);
  const { bavail, bsize } = await statfs(layout.image);
  const needed = Math.ceil(image * 2.5) + (1 << 20);
  if (bavail * bsize >= needed) return;
  throw new TeeError('ERR_OCCLUM_BUILD', 'not enough space on the disk for the build', {
    expected: `${needed} bytes, 2.5 times the image`,
    actual: `${bavail * bsize} bytes`,
  });
}
