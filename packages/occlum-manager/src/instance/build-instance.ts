import { mkdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { parseOcclumJson } from '../config/parse-config.ts';
import type { OcclumConfig } from '../config/schema.ts';
import { checkImage } from '../image/check-image.ts';
import { layoutHash, walkImage } from '../image/walk-image.ts';
import type { OcclumCommand } from '../process/launch.ts';
import { runCommand } from '../process/run-command.ts';
import { type BuildMarker, buildState, configHash, judgeArtefacts, readMarker, writeMarker } from './build-marker.ts';
import { type InstanceLayout, instanceLayout } from './layout.ts';
import { readMeasurements } from './measurements.ts';
import { replaceInputs } from './replace-inputs.ts';
import { readSigningKey, refuseTemplateKey, type SigningKey } from './signing-key.ts';
import { type OcclumTool, sgxModeOf } from './tool.ts';
import { handOver, putBack, setAside, type UserDataOutcome } from './user-data.ts';

/** What a build is given. */
export interface BuildOptions {
  /** PEM file of an RSA-3072 key with exponent 3, see generateSigningKey(). */
  signKey: string;
  /** File with the key that encrypts the image; absent: the image is integrity-protected only. */
  imageKey?: string;
  /** Configuration to build with, instead of the Occlum.json that is there. */
  config?: OcclumConfig;
  /** Fills a new, empty image folder that takes the place of the one that is there. */
  fillImage?: (root: string) => Promise<void>;
  /** Noted with the build and found again in status(): say, a hash over the inputs. */
  label?: string;
  /** True: a whole build that has the same label already is left as it is. */
  reuse?: boolean;
  /** Ends the build; the instance is then as it was before. */
  signal?: AbortSignal;
  /** Told the output of the tools, for showing progress. */
  onOutput?: (chunk: Uint8Array) => void;
  /** Told the process number of the tool. */
  onStart?: (pid: number) => void;
}

/** What was built. */
export interface BuildResult {
  /** Lower-case hex, 64 characters. */
  readonly mrEnclave: string;
  readonly mrSigner: string;
  readonly userData: UserDataOutcome;
  /** True when a build with the same label was there already, see BuildOptions.reuse. */
  readonly reused: boolean;
}

/**
 * Builds an instance with `-f`, always: without it the tool overlooks changed keys and files with old dates
 * (occlum-contract §0.8). The build that was there is kept aside until the new one is whole and verified to be what
 * was asked for; after a failure it stands again. The caller holds the instance's lock.
 */
export async function buildInstance(dir: string, tool: OcclumTool, options: BuildOptions): Promise<BuildResult> {
  const layout = instanceLayout(dir);
  const present = options.reuse === true ? await readyBuild(layout, tool, options.label) : undefined;
  if (present !== undefined) return present;
  const inputs = await replaceInputs(layout, options);
  try {
    const config = parseOcclumJson(await readFile(layout.config, 'utf8'));
    const result = await buildInPlace(dir, tool, layout, config, options);
    await inputs.keep();
    return result;
  } catch (error) {
    await inputs.undo();
    throw error;
  }
}

async function readyBuild(
  layout: InstanceLayout,
  tool: OcclumTool,
  label: string | undefined,
): Promise<BuildResult | undefined> {
  const state = await buildState(layout, sgxModeOf(tool));
  if (!state.built || label === undefined || state.marker.label !== label) return undefined;
  const { mrEnclave, mrSigner } = state.marker;
  return { mrEnclave, mrSigner, userData: { outcome: 'none' }, reused: true };
}

async function buildInPlace(
  dir: string,
  tool: OcclumTool,
  layout: InstanceLayout,
  config: OcclumConfig,
  options: BuildOptions,
): Promise<BuildResult> {
  const key = await checkInputs(layout, tool, config, options);
  const before = await rescuePrevious(layout);
  await setAside(layout);
  try {
    await runCommand(buildCommand(dir, tool, config, options), {
      signal: options.signal,
      code: 'ERR_OCCLUM_BUILD',
      ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
    });
    const marker = await inspectBuild(dir, tool, layout, key, options);
    const userData = await handOver(layout, before, marker);
    await writeMarker(layout, marker);
    await rm(layout.previousBuild, { recursive: true, force: true });
    return { mrEnclave: marker.mrEnclave, mrSigner: marker.mrSigner, userData, reused: false };
  } catch (error) {
    await restorePrevious(layout);
    throw error;
  }
}

async function checkInputs(
  layout: InstanceLayout,
  tool: OcclumTool,
  config: OcclumConfig,
  { signKey }: BuildOptions,
): Promise<SigningKey> {
  const key = await readSigningKey(signKey);
  if (!config.metadata.debuggable) {
    const root = join(tool.executable.file, '..', '..', '..');
    await refuseTemplateKey(key, [join(root, 'etc/template/Enclave.pem')]);
  }
  const findings = await checkImage(layout.image, {
    entryPoints: config.entry_points,
    mountTargets: config.mount.filter(({ target }) => target !== '/').map(({ target }) => target),
    requirePie: tool.mode === 'hardware',
  });
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

/**
 * Moves the whole build out of the way and drops one that an interrupted build left half done.
 *
 * @returns marker of the build that the data in `run/` belongs to
 */
async function rescuePrevious(layout: InstanceLayout): Promise<BuildMarker | undefined> {
  await mkdir(layout.own, { recursive: true });
  if (await exists(layout.marker)) {
    await rm(layout.previousBuild, { recursive: true, force: true });
    await rename(layout.build, layout.previousBuild);
  } else {
    await rm(layout.build, { recursive: true, force: true });
  }
  return await readMarker(join(layout.previousBuild, 'manager.json'));
}

async function restorePrevious(layout: InstanceLayout): Promise<void> {
  await rm(layout.build, { recursive: true, force: true });
  await rename(layout.previousBuild, layout.build).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await putBack(layout);
}

/** Checks that what was built is what was asked for: success alone does not say so (occlum-contract §9.5). */
async function inspectBuild(
  dir: string,
  tool: OcclumTool,
  layout: InstanceLayout,
  key: SigningKey,
  options: BuildOptions,
): Promise<BuildMarker> {
  const { mrEnclave, mrSigner } = await readMeasurements(dir, tool, options.signal);
  const wanted = options.imageKey === undefined ? 'integrity-only' : 'encrypted';
  const imageType = imageTypeOf(await readFile(layout.imageConfig, 'utf8').catch(() => ''));
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
    configHash: await configHash(layout),
    layoutHash: layoutHash(await walkImage(layout.image)),
    sgxMode: sgxModeOf(tool),
    imageType: wanted,
    mrEnclave,
    mrSigner,
    label: options.label ?? null,
  };
  const state = await judgeArtefacts(layout, marker);
  if (state !== undefined) throw new TeeError('ERR_OCCLUM_BUILD', `occlum build left no whole build: ${state}`);
  return marker;
}

function buildCommand(dir: string, tool: OcclumTool, config: OcclumConfig, options: BuildOptions): OcclumCommand {
  const args = ['build', '--sign-key', resolve(options.signKey), '--sgx-mode', sgxModeOf(tool)];
  // Said either way: without the option ENABLE_EDMM decides, and that is not for the environment to do.
  if (tool.mode === 'hardware') args.push('--enable-edmm', config.feature.enable_edmm === true ? 'Y' : 'N');
  if (options.imageKey !== undefined) args.push('--image-key', resolve(options.imageKey));
  const { onOutput } = options;
  return {
    executable: tool.executable,
    args: [...args, '-f'],
    cwd: dir,
    env: tool.env,
    stdout: onOutput,
    stderr: onOutput,
  };
}

function imageTypeOf(text: string): string | undefined {
  return /"image_type"\s*:\s*"([a-z-]+)"/.exec(text)?.[1];
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
