import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { HostSettings } from '../enclave/settings.ts';

/** Linux: sun_path has 108 bytes with its end. */
const longestPath = 107;

/**
 * Where the host of an instance listens for its operator: a socket in TEE_HOME, never a port. Only one host serves an
 * instance at a time, so it is named after that.
 * @throws {TeeError} ERR_INVALID_ARGUMENT when the path is longer than a socket's can be
 */
export function controlSocketPath({ home, instance }: Pick<HostSettings, 'home' | 'instance'>): string {
  const name = instance.length <= 24 ? instance : createHash('sha256').update(instance).digest('hex').slice(0, 16);
  const path = join(home, 'control', `${name}.sock`);
  if (Buffer.byteLength(path) <= longestPath) return path;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'The path of TEE_HOME is too long for a socket in it.', {
    expected: `at most ${longestPath} bytes: ${path}`,
    hint: 'Put TEE_HOME into a folder with a shorter path.',
  });
}

/**
 * Makes the folder of the socket fit to be listened in: of this user, closed to all others, with no socket left in it that
 * nobody listens at.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a folder that others can write to or that is somebody else's;
 *   ERR_OCCLUM_LOCKED when a host listens there
 */
export async function claimControlSocket(path: string): Promise<void> {
  const folder = join(path, '..');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The folder of the control socket is not one of this user.', {
      actual: folder,
    });
  }
  chmodSync(folder, 0o700);
  if (await isAnswered(path)) {
    throw new TeeError('ERR_OCCLUM_LOCKED', 'Another host serves this instance.', { actual: path });
  }
  rmSync(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
