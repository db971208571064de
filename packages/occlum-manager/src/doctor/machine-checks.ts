import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Machine } from './machine.ts';

/** Checks that matter with and without SGX. */
export function machineChecks(machine: Machine): Finding[] {
  return [platform(machine), node(machine), memory(), disk(machine)];
}

/** Whether simulation can give programs their image as root file system. */
export function userNamespaces(): Finding {
  const check = 'user namespaces';
  const tried = spawnSync('unshare', ['--user', '--map-root-user', '--mount', '--pid', '--fork', 'true'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (tried.status === 0) return ok(check, 'available');
  const why = tried.error?.message ?? tried.stderr.trim();
  return warning(
    check,
    `not available: ${why}`,
    'sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000 (on Ubuntu also ' +
      'kernel.apparmor_restrict_unprivileged_userns=0), or run the simulation with OCCLUM_SIM_NO_ROOTFS=1',
  );
}

function platform({ platform: system, arch }: Machine): Finding {
  const found = `${system} ${arch}`;
  if (system === 'linux' && arch === 'x64') return ok('machine', found);
  return problem('machine', found, 'Use Linux on x86-64: Occlum and its simulator run nowhere else.');
}

function node({ nodeVersion }: Machine): Finding {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('Node.js', nodeVersion);
  return problem('Node.js', nodeVersion, 'Install Node.js 20.19 or later.');
}

function memory(): Finding {
  const gigabytes = totalmem() / 1024 ** 3;
  const found = `${gigabytes.toFixed(1)} GB, ${availableParallelism()} processors`;
  if (gigabytes >= 3.5) return ok('memory', found);
  return warning('memory', found, 'Lower resource_limits.user_space_size: the preset for Node.js asks for 3 GB.');
}

function disk({ folder }: Machine): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const found = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GB free in ${folder}`;
  // An image with Node.js has 120 MB; a build needs it three times (issue 157).
  if (bavail * bsize >= 1024 ** 3) return ok('disk', found);
  return warning('disk', found, 'Free at least 1 GB, or keep instances elsewhere (TEE_HOME).');
}
