import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { OcclumExecutable } from '../process/launch.ts';

/**
 * Finds the genuine tool: `occlumPath` or OCCLUM_PATH (root of an installation, the folder of the executable or the
 * executable itself), /opt/occlum, then PATH.
 *
 * @throws TeeError ERR_OCCLUM_NOT_FOUND
 */
export async function findOcclum(env: NodeJS.ProcessEnv, occlumPath?: string): Promise<OcclumExecutable> {
  const named = occlumPath ?? env['OCCLUM_PATH'];
  const candidates =
    named === undefined || named === ''
      ? [...onPath(env, 'occlum'), '/opt/occlum/build/bin/occlum']
      : [join(named, 'build/bin/occlum'), join(named, 'bin/occlum'), join(named, 'occlum'), named];
  const file = await firstExecutable(candidates);
  if (file === undefined) throw notFound('occlum', named, candidates);
  return { file, firstArguments: [] };
}

/**
 * Finds the simulator: OCCLUM_SIM_BIN, the optional peer package @neo-service-layer/sgx-simulator, then PATH. A
 * script is run with this very Node, so that no `node` on PATH takes its place.
 *
 * @throws TeeError ERR_OCCLUM_NOT_FOUND
 */
export async function findSimulator(env: NodeJS.ProcessEnv): Promise<OcclumExecutable> {
  const named = env['OCCLUM_SIM_BIN'];
  const candidates = named === undefined || named === '' ? [...peerPackage(), ...onPath(env, 'occlum-sim')] : [named];
  const file = await firstExecutable(candidates);
  if (file === undefined) throw notFound('occlum-sim', named, candidates);
  const script = /\.[cm]?js$/.test(file);
  return script ? { file: process.execPath, firstArguments: [file] } : { file, firstArguments: [] };
}

function peerPackage(): string[] {
  try {
    const manifest = createRequire(import.meta.url).resolve('@neo-service-layer/sgx-simulator/package.json');
    return [join(manifest, '..', 'bin', 'occlum-sim.js')];
  } catch {
    // Optional: a host with hardware does without.
    return [];
  }
}

function onPath(env: NodeJS.ProcessEnv, name: string): string[] {
  const folders = (env['PATH'] ?? '').split(delimiter);
  // An empty or relative entry of PATH means the current folder, which an attacker may choose.
  return folders.filter(isAbsolute).map((folder) => join(folder, name));
}

async function firstExecutable(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    try {
      if (!(await stat(candidate)).isFile()) continue;
      if (!/\.[cm]?js$/.test(candidate)) await access(candidate, constants.X_OK);
      // The genuine script finds its installation from its own place: a link on PATH would mislead it.
      return await realpath(candidate);
    } catch {}
  }
  return undefined;
}

function notFound(name: string, named: string | undefined, candidates: readonly string[]): TeeError {
  return new TeeError('ERR_OCCLUM_NOT_FOUND', `no ${name} executable`, {
    expected: candidates.slice(0, 6).join(', ') || 'a PATH with absolute folders',
    ...(named === undefined ? {} : { actual: named }),
    hint:
      name === 'occlum'
        ? 'Set OCCLUM_PATH to the folder of an Occlum installation, or OCCLUM_SIMULATION=1 to run without SGX.'
        : 'Install @neo-service-layer/sgx-simulator or set OCCLUM_SIM_BIN.',
  });
}
