import { closeSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { hostRefusal, strictFormatFault } from './strict-program.ts';

/** Why Occlum would not boot a program: name and number of the error, and the LibOS's words. */
export interface BootFailure {
  name: 'EACCES' | 'EINVAL' | 'ENOENT' | 'ENOEXEC' | 'ENOMEM';
  number: number;
  description: string;
  reason: string;
}

/** What a program is checked against. */
export interface ProgramRules {
  entryPoints: string[];
  /** Host paths of the layers of the root file system, upper first. */
  roots: string[];
  /** Under --strict the mount points of hostfs, from which nothing is executed; else null, and formats are lax. */
  strictHostMounts: string[] | null;
}

/** Checks a program path as the LibOS does (occlum-contract §1.6). @returns null when it may be started */
export function checkProgram(program: string, rules: ProgramRules): BootFailure | null {
  const { entryPoints, roots, strictHostMounts } = rules;
  if (!program.startsWith('/')) return failure('EINVAL', 'program path must be absolute');
  const parts = program.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    return failure('EINVAL', 'program path cannot contain any parent component (i.e., "..")');
  }
  if (!entryPoints.some((prefix) => isPrefix(prefix.split('/').filter(Boolean), parts))) {
    return failure('EACCES', 'program path is NOT a valid entry point');
  }
  const inHostMount = (path: string) =>
    (strictHostMounts ?? []).some((mount) =>
      isPrefix(mount.split('/').filter(Boolean), path.split('/').filter(Boolean)),
    );
  if (inHostMount(program)) return failure('EACCES', hostRefusal);
  const file = findInRoots(roots, program);
  if (file === null) return failure('ENOENT', 'EntryNotFound');
  if (!file.stat.isFile()) return failure('EACCES', 'it is not a regular file');
  if ((file.stat.mode & 0o111) === 0) return failure('EACCES', 'file is not executable');
  if (strictHostMounts === null) {
    return isExecutableFormat(file.path) ? null : failure('ENOEXEC', 'unknown executable file format');
  }
  const fault = strictFormatFault(file.path, inHostMount, (path) => findInRoots(roots, path)?.path ?? null);
  return fault === null ? null : failure(fault.name, fault.reason);
}

/** The two lines that the launcher prints on standard error for a failure. */
export function bootFailureText({ name, number, description, reason }: BootFailure): string {
  return (
    `failed to boot up LibOS: ${name} (#${number}, ${description}): ${reason}\n` +
    `[ERROR] occlum-pal: occlum_ecall_new_process returns ${name} (line 210, file src/pal_api.c)\n`
  );
}

function isPrefix(prefix: string[], path: string[]): boolean {
  return prefix.every((part, index) => path[index] === part);
}

const errors = {
  ENOENT: [2, 'No such file or directory'],
  ENOEXEC: [8, 'Exec format error'],
  EACCES: [13, 'Permission denied'],
  EINVAL: [22, 'Invalid argument'],
} as const;

function failure(name: keyof typeof errors, reason: string): BootFailure {
  const [number, description] = errors[name];
  return { name, number, description, reason };
}

function findInRoots(roots: string[], path: string): { path: string; stat: Stats } | null {
  for (const root of roots) {
    const found = resolveInRoot(root, path, 40);
    if (found !== null) return found;
  }
  return null;
}

/** Follows links as if `root` were the root file system: none leads out of it. */
function resolveInRoot(root: string, path: string, linksLeft: number): { path: string; stat: Stats } | null {
  let current = '/';
  const parts = path.split('/').filter(Boolean);
  for (const [index, part] of parts.entries()) {
    const next = join(current, part);
    const stat = lstatSync(root + next, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    if (stat.isSymbolicLink()) {
      if (linksLeft === 0) return null;
      const target = resolve(dirname(next), readlinkSync(root + next));
      return resolveInRoot(root, join(target, ...parts.slice(index + 1)), linksLeft - 1);
    }
    if (index === parts.length - 1) return { path: root + next, stat };
    if (!stat.isDirectory()) return null;
    current = next;
  }
  return null;
}

function isExecutableFormat(path: string): boolean {
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return head.equals(Buffer.from('\x7fELF', 'latin1')) || head.subarray(0, 2).toString('latin1') === '#!';
}
