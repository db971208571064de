import { lstat, open, readdir, readlink, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { OcclumConfig } from '../config/schema.ts';
import { runCommand } from '../process/run-command.ts';
import type { OcclumTool } from './tool.ts';

/** What of an instance may be packaged, and how it is called. */
export interface PackageOptions {
  /** Name of the archive without `.tar.gz`, and of the folder in it; default the folder's name without `.inst`. */
  name?: string;
  /** Package an enclave whose memory a debugger on the host can read. */
  allowDebug?: boolean;
  /** Package an instance that was built for simulation and protects nothing. */
  allowSimulation?: boolean;
  signal?: AbortSignal;
  lockWaitMs?: number;
}

/** A packaged instance. */
export interface PackagedInstance {
  /** Path of the archive, in the instance's folder. */
  readonly file: string;
  readonly bytes: number;
  /**
   * Files outside the instance that it links to, and that must be at the same place on the machine that runs it: for
   * a genuine Occlum its `occlum-runtime` package (issue 994). Empty: it runs by itself.
   */
  readonly needs: readonly string[];
}

/**
 * Runs `occlum package` by the rules of occlum-contract §1.3, and checks that there is an archive afterwards. The
 * caller holds the instance's lock and knows that it is built.
 *
 * @throws TeeError ERR_OCCLUM_PACKAGE, ERR_OCCLUM_ABORTED
 */
export async function packageInstance(
  dir: string,
  tool: OcclumTool,
  config: OcclumConfig,
  options: PackageOptions,
): Promise<PackagedInstance> {
  const { name = basename(dir).replace(/\.inst$/, ''), allowDebug = false, allowSimulation = false } = options;
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) {
    throw new TeeError('ERR_OCCLUM_PACKAGE', 'the name of a package may hold letters, digits and . _ - only', {
      actual: JSON.stringify(name),
    });
  }
  if (config.metadata.debuggable && !allowDebug) {
    throw new TeeError('ERR_OCCLUM_PACKAGE', 'the enclave is debuggable: a package of it keeps no secret', {
      hint: 'Build it without allowDebug, or package it with allowDebug for a test.',
    });
  }
  if (tool.mode === 'simulation' && !allowSimulation) {
    throw new TeeError(
      'ERR_OCCLUM_PACKAGE',
      'the instance was built for simulation: a package of it protects nothing',
      {
        hint: 'Build it for hardware, or package it with allowSimulation for a test.',
      },
    );
  }
  const file = join(dir, `${name}.tar.gz`);
  // One from an earlier time must not be taken for this one.
  await rm(file, { force: true });
  const debug = config.metadata.debuggable || tool.mode === 'simulation';
  const args = ['package', ...(debug ? ['--debug'] : []), `${name}.tar.gz`];
  try {
    await runCommand(
      { executable: tool.executable, args, cwd: dir, env: tool.env },
      { signal: options.signal, code: 'ERR_OCCLUM_PACKAGE' },
    );
    return { file, bytes: await archiveSize(file), needs: await outsideFiles(dir) };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function archiveSize(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  const handle = found?.isFile() ? await open(file) : undefined;
  try {
    const start = await handle?.read(Buffer.alloc(2), 0, 2, 0);
    // RFC 1952: a gzip file begins with 1f 8b.
    if (found !== undefined && start?.buffer.readUInt16BE(0) === 0x1f8b) return found.size;
  } finally {
    await handle?.close();
  }
  throw new TeeError('ERR_OCCLUM_PACKAGE', 'occlum package succeeded and left no archive', { expected: file });
}

/** Targets of the links in `build/bin` and `build/lib` that lie outside the instance. */
async function outsideFiles(dir: string): Promise<string[]> {
  const targets = new Set<string>();
  for (const folder of ['build/bin', 'build/lib'].map((name) => join(dir, name))) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (!(await lstat(path)).isSymbolicLink()) continue;
      const target = resolve(folder, await readlink(path));
      if (!target.startsWith(`${dir}/`)) targets.add(target);
    }
  }
  return [...targets].sort((one, other) => (one < other ? -1 : 1));
}
