import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import { recogniseFailure } from '../process/diagnosis.ts';
import { type CommandExit, type LaunchedCommand, launch } from '../process/launch.ts';
import { signalGroup } from '../process/process-group.ts';
import type { BuildMarker } from './build-marker.ts';
import { imageKeyHash } from './image-key.ts';
import type { InstanceLock } from './instance-lock.ts';
import { readSigningKey } from './signing-key.ts';
import type { OcclumTool } from './tool.ts';

/** The keys that the instance was built with, and when to give up. */
export interface MountOptions {
  signKey: string;
  /** For an encrypted image. */
  imageKeyFile?: string;
  /** How long the tool may take until the file system is there; default 60 s. */
  readyMs?: number;
  lockWaitMs?: number;
}

/** An image that is mounted on the host, decrypted: for looking into it, and for repairs. */
export interface MountedImage {
  readonly dir: string;
  /** Of the tool that serves the file system, and of its process group. */
  readonly pid: number;
  /** Settles when it is mounted no more, however that came about. */
  readonly exited: Promise<void>;
  /** Ends it as Ctrl-C does, by force after `graceMs` (default 10 s). @throws TeeError ERR_OCCLUM_MOUNT */
  unmount(options?: { graceMs?: number }): Promise<void>;
}

/**
 * Checks what `occlum mount` fails over late or never (occlum-contract §1.3, issues 1423, 138, 139): an absolute,
 * empty folder, a usable /dev/fuse, and the very keys of the build.
 *
 * @throws TeeError ERR_OCCLUM_MOUNT, ERR_OCCLUM_SIGNING_KEY
 */
export async function checkMount(
  dir: string,
  marker: BuildMarker,
  { signKey, imageKeyFile }: MountOptions,
  fuseDevice = '/dev/fuse',
): Promise<void> {
  if (!isAbsolute(dir)) throw refused('a mount point is named by its absolute path', { actual: dir });
  const names = await readdir(dir).catch((cause: unknown) => {
    throw refused(`${dir} cannot be used as mount point`, {
      cause,
      hint: `Make the folder; when an earlier mount broke there, run: fusermount -u ${dir}`,
    });
  });
  if (names.length > 0)
    throw refused(`${dir} is not empty`, { hint: 'What is in it would be hidden. Choose another.' });
  await access(fuseDevice, constants.R_OK | constants.W_OK).catch((cause: unknown) => {
    throw refused(`${fuseDevice} cannot be used`, {
      cause,
      hint: 'Load the module (modprobe fuse); give a container --device /dev/fuse --cap-add SYS_ADMIN.',
    });
  });
  const { mrSigner } = await readSigningKey(signKey);
  if (mrSigner !== marker.mrSigner) {
    throw refused('the instance was built with another signing key', { expected: marker.mrSigner, actual: mrSigner });
  }
  const encrypted = marker.imageType === 'encrypted';
  if (encrypted !== (imageKeyFile !== undefined)) {
    throw refused(
      encrypted ? 'the image is encrypted: its key is needed' : 'the image is not encrypted: it has no key',
    );
  }
  if (imageKeyFile !== undefined && (await imageKeyHash(imageKeyFile)) !== marker.imageKeyHash) {
    throw refused('the instance was built with another image key');
  }
}

/**
 * Starts `occlum mount`, which serves the file system until it is told to end, and waits until it is there.
 *
 * @param lock of the instance, released when the file system is mounted no more
 * @throws TeeError ERR_OCCLUM_MOUNT; nothing is left running then
 */
export async function mountImage(
  dir: string,
  at: string,
  tool: OcclumTool,
  { signKey, imageKeyFile, readyMs = 60_000 }: MountOptions,
  lock: InstanceLock,
): Promise<MountedImage> {
  const key = imageKeyFile === undefined ? [] : ['--image-key', resolve(imageKeyFile)];
  const args = ['mount', '--sign-key', resolve(signKey), ...key, at];
  const launched = await launch({ executable: tool.executable, args, cwd: dir, env: tool.env });
  let exit: CommandExit | undefined;
  const exited = launched.exited.then(async (end) => {
    exit = end;
    await lock.release();
  });
  try {
    await lock.ownsGroup(launched.pid);
    const until = performance.now() + readyMs;
    while (!(await isMountPoint(at))) {
      if (exit !== undefined) throw notMounted(exit);
      if (performance.now() > until) throw refused(`nothing was mounted within ${readyMs} ms`);
      await Promise.race([exited, delay(20)]);
    }
  } catch (error) {
    await end(launched, at, 500);
    throw error;
  }
  return {
    dir: at,
    pid: launched.pid,
    exited,
    unmount: async ({ graceMs = 10_000 } = {}) => {
      await end(launched, at, graceMs);
      await exited;
    },
  };
}

async function end(launched: LaunchedCommand, at: string, graceMs: number): Promise<void> {
  signalGroup(launched.pid, 'SIGINT');
  const patience = new AbortController();
  await Promise.race([launched.exited, delay(graceMs, undefined, { signal: patience.signal }).catch(() => {})]);
  patience.abort();
  await launched.end(500);
  await launched.exited;
  if (!(await isMountPoint(at))) return;
  // Killed, the tool leaves a mount that answers nothing.
  const tried = spawnSync('fusermount', ['-u', '-z', at]);
  if (tried.status !== 0) spawnSync('umount', ['-l', at]);
  if (await isMountPoint(at)) throw refused(`${at} is still mounted`, { hint: `Run: umount -l ${at}` });
}

/** A mount point is on another device than the folder above it; one whose server is gone cannot even be asked. */
async function isMountPoint(dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).dev !== (await stat(dirname(dir))).dev;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTCONN';
  }
}

function notMounted({ exitCode, stdoutTail, stderrTail }: CommandExit): TeeError {
  const found = recogniseFailure(stdoutTail, stderrTail);
  return refused(`occlum mount ended: ${found?.meaning ?? `exit code ${exitCode}`}`, {
    ...(found === null ? {} : { hint: found.hint }),
    details: { stdout: stdoutTail.slice(-2000), stderr: stderrTail.slice(-2000) },
  });
}

function refused(message: string, info: ConstructorParameters<typeof TeeError>[2] = {}): TeeError {
  return new TeeError('ERR_OCCLUM_MOUNT', message, info);
}
