import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseOcclumJson } from '../config/parse-config.ts';
import type { OcclumConfig } from '../config/schema.ts';
import type { OcclumCommand } from '../process/launch.ts';
import { runCommand } from '../process/run-command.ts';
import { type BuildMarker, buildState, readMarker, writeMarker } from './build-marker.ts';
import type { BuildOptions, BuildResult } from './build-options.ts';
import { checkBuildInputs } from './check-build-inputs.ts';
import { inspectBuild } from './inspect-build.ts';
import { type InstanceLayout, instanceLayout } from './layout.ts';
import { replaceInputs } from './replace-inputs.ts';
import { type OcclumTool, sgxModeOf } from './tool.ts';
import { handOver, putBack, setAside } from './user-data.ts';

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
  const state = buildState(layout, sgxModeOf(tool));
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
  const key = await checkBuildInputs(layout, tool, config, options);
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
  return readMarker(join(layout.previousBuild, 'manager.json'));
}

async function restorePrevious(layout: InstanceLayout): Promise<void> {
  await rm(layout.build, { recursive: true, force: true });
  await rename(layout.previousBuild, layout.build).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await putBack(layout);
}

function buildCommand(dir: string, tool: OcclumTool, config: OcclumConfig, options: BuildOptions): OcclumCommand {
  const args = ['build', '--sign-key', resolve(options.signKey), '--sgx-mode', sgxModeOf(tool)];
  // Said either way: without the option ENABLE_EDMM decides, and that is not for the environment to do.
  if (tool.mode === 'hardware') args.push('--enable-edmm', config.feature.enable_edmm === true ? 'Y' : 'N');
  if (options.imageKey !== undefined) {
    args.push('--image-key', resolve(options.imageKey.file));
    if (options.imageKey.delivery === 'allow-built-in') args.push('--buildin-image-key');
  }
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

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
