import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { constants, copyFileSync, existsSync, lstatSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { InstanceLayout } from '../instance/layout.ts';
import { removeTree } from '../instance/remove-tree.ts';
import type { Sandbox } from './handle.ts';
import { launcherInside, setupScript } from './setup-script.ts';

const toolPath = '/usr/sbin:/usr/bin:/sbin:/bin';

/** A mount that a rooted sandbox makes beside its root. */
export interface ExtraMount {
  kind: 'hostfs' | 'ramfs';
  /** Host path for hostfs, else empty. */
  source: string;
  target: string;
}

/**
 * Makes the sandbox that gives programs the built image as their root file system, with the instance's writable layer
 * over it (overlayfs in a user namespace). Nothing else of the host's files is visible.
 *
 * @param options.image the image in clear
 * @param options.scratch a private folder for the mount point
 * @param options.device host path of the device socket, shown as /dev/sgx
 * @param options.launcher host path of the launcher of strict programs; null without --strict
 * @throws {TeeError} ERR_ENCLAVE_START where the kernel does not allow it; the hint says how to enable it
 */
export async function openRootedSandbox(
  layout: InstanceLayout,
  options: { image: string; scratch: string; device: string; launcher: string | null; mounts: ExtraMount[] },
): Promise<Sandbox> {
  refuseStackedOverlay(layout);
  const mountPoint = join(options.scratch, 'root');
  const work = join(layout.run, 'mount', '.work');
  removeTree(work);
  for (const folder of [mountPoint, work]) mkdirSync(folder, { recursive: true });
  copyHostFiles(layout, options.image);
  const mounts = options.mounts.flatMap(({ kind, source, target }) => [kind, source, target]);
  const child = spawn(
    'unshare',
    [
      ...['--user', '--map-root-user', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--'],
      ...['/bin/sh', '-c', setupScript, 'occlum-sim-sandbox'],
      ...[options.image, layout.writable, work, mountPoint, options.device, options.launcher ?? '', ...mounts],
    ],
    // A session of its own: a Ctrl-C at the terminal is for the program, not for its sandbox.
    { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: toolPath }, cwd: '/', detached: true },
  );
  const init = await firstProcess(child);
  const detached = spawnSync(
    'nsenter',
    ['-t', String(init), '-U', '-m', '--preserve-credentials', 'umount', '-l', '/'],
    {
      env: { PATH: toolPath },
      encoding: 'utf8',
    },
  );
  const close = async () => {
    await closeSandbox(child);
    removeTree(work);
  };
  const launcher = options.launcher === null ? null : launcherInside;
  const sandbox = { handle: { rootfs: 'image' as const, init, launcher }, close };
  if (detached.status === 0) return sandbox;
  await sandbox.close();
  throw notAllowed(detached.stderr);
}

/** Ends the sandbox's first process, and by that all others; returns when they are gone. */
function closeSandbox(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.end();
  });
}

function firstProcess(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith('\n')) resolve(Number.parseInt(output, 10));
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => reject(notAllowed(error.message)));
    child.once('close', () => reject(notAllowed(errors)));
  });
}

/** OVERLAYFS_SUPER_MAGIC. */
const overlayType = 0x794c_7630;

/**
 * The kernel takes no overlay as the upper layer of another. That is not answered by running without: whoever relies
 * on the image being the root shall hear of it.
 */
function refuseStackedOverlay(layout: InstanceLayout): void {
  if (statfsSync(layout.writable).type !== overlayType) return;
  throw new TeeError('ERR_ENCLAVE_START', 'The instance lies on an overlay file system, which cannot be stacked.', {
    hint:
      'As in a container without a volume: put the instance on another file system (a volume, a tmpfs), or run it ' +
      'on the host’s files: occlum-sim run --no-rootfs (OCCLUM_SIM_NO_ROOTFS=1), with less isolation.',
  });
}

function notAllowed(why: string): TeeError {
  return new TeeError('ERR_ENCLAVE_START', `The image cannot be made the root file system: ${why.trim()}`, {
    hint:
      'occlum-sim needs unprivileged user namespaces (util-linux, kernel 5.11 or later). Where they are switched off: ' +
      'sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000, on Ubuntu also ' +
      'kernel.apparmor_restrict_unprivileged_userns=0; in a container they need its seccomp profile to allow them. ' +
      'Or run without them: occlum-sim run --no-rootfs (OCCLUM_SIM_NO_ROOTFS=1), with less isolation.',
  });
}

/**
 * As Occlum does at boot: the host's name resolution files go into the writable layer, untrusted. What a program left
 * there under these names, a link to somewhere else for one, is replaced and never followed.
 */
function copyHostFiles(layout: InstanceLayout, image: string): void {
  if (!isFolder(join(image, 'etc'))) return;
  const etc = join(layout.writable, 'etc');
  if (lstatSync(etc, { throwIfNoEntry: false }) === undefined) mkdirSync(etc, { mode: 0o755 });
  if (!isFolder(etc)) return;
  for (const name of ['hostname', 'hosts', 'resolv.conf']) {
    if (!existsSync(join('/etc', name))) continue;
    removeTree(join(etc, name));
    copyFileSync(join('/etc', name), join(etc, name), constants.COPYFILE_EXCL);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
