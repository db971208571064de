import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { isBelow } from './entry-points.ts';
import { resolveInImage } from './image-path.ts';
import { libraryClosure } from './library-closure.ts';
import { readElf } from './read-elf.ts';
import { type ImageEntry, walkImage } from './walk-image.ts';

/** Something in an image that Occlum would stumble over. */
export interface ImageFinding {
  readonly path: string;
  readonly kind:
    | 'name'
    | 'entry-point'
    | 'not-pie'
    | 'interpreter'
    | 'library'
    | 'shebang'
    | 'elf'
    | 'mount-target'
    | 'fork';
  /**
   * `error`: something that is to be started cannot be. `warning`: the same of a program that is no entry point, or
   * something that fails only when it is used.
   */
  readonly severity: 'error' | 'warning';
  readonly problem: string;
}

/** What an image is checked for. */
export interface ImageDemands {
  entryPoints: readonly string[];
  /** Targets of mounts beside "/"; the LibOS wants them to exist in the image. */
  mountTargets?: readonly string[];
  /** True (hardware): programs must be position-independent, or the LibOS refuses them with ENOEXEC. */
  requirePie: boolean;
}

/**
 * Checks an image before any tool runs (occlum-contract §9.6): names, entry points, and for every program its ELF
 * type, interpreter, libraries and shebang. Reads headers only.
 *
 * @returns an empty list when nothing is wrong
 */
export async function checkImage(root: string, demands: ImageDemands): Promise<ImageFinding[]> {
  const entries = await walkImage(root);
  const findings: ImageFinding[] = [];
  const report: Report = (path, kind, problem) => {
    // Libraries of Python and others hold many a script that nobody starts.
    const unused = aboutPrograms.has(kind) && !isBelow(path, demands.entryPoints);
    const severity = unused || kind === 'fork' ? 'warning' : 'error';
    findings.push({ path, kind, severity, problem });
  };
  for (const path of demands.entryPoints) {
    if (resolveInImage(root, path) === null) report(path, 'entry-point', 'the entry point is not in the image');
  }
  for (const path of demands.mountTargets ?? []) {
    if (!isFolder(resolveInImage(root, path)))
      report(path, 'mount-target', 'the mount target is not a folder in the image');
  }
  for (const entry of entries) {
    if (/[;|\t\n\r]/.test(entry.path))
      report(entry.path, 'name', 'its name has ; | tab or newline, which break occlum build');
    if (entry.type !== 'file') continue;
    if (/\.[cm]?js$/.test(entry.path) && forks(join(root, entry.path))) {
      report(entry.path, 'fork', 'it uses child_process or cluster, which need fork: use worker threads or exec()');
    }
    if ((entry.mode & 0o111) !== 0) checkProgram(root, entry, demands, report);
  }
  return findings;
}

const aboutPrograms: ReadonlySet<string> = new Set(['not-pie', 'interpreter', 'library', 'shebang', 'elf']);

type Report = (path: string, kind: ImageFinding['kind'], problem: string) => void;

function checkProgram(root: string, { path }: ImageEntry, demands: ImageDemands, report: Report): void {
  const shebang = firstLine(join(root, path));
  if (shebang !== undefined) {
    checkShebang(root, path, shebang, report);
    return;
  }
  let elf: ReturnType<typeof readElf>;
  try {
    elf = readElf(join(root, path));
  } catch (error) {
    report(path, 'elf', error instanceof Error ? error.message : 'not readable');
    return;
  }
  // Without an interpreter it is a library, or a static program that nothing can start here.
  if (elf?.interpreter == null) return;
  if (demands.requirePie && elf.type !== 'dyn') {
    report(
      path,
      'not-pie',
      'not position-independent (ET_EXEC): Occlum refuses it with ENOEXEC; use a build with -pie',
    );
  }
  if (resolveInImage(root, elf.interpreter) === null) {
    report(path, 'interpreter', `its program interpreter ${elf.interpreter} is not in the image`);
  }
  for (const { name, neededBy } of libraryClosure(path, { root }).missing) {
    report(path, 'library', `${name} (needed by ${neededBy}) is not in the image`);
  }
}

/** The LibOS takes one absolute path without arguments, of at most 127 bytes (occlum-contract §5, scripts). */
function checkShebang(root: string, path: string, line: string, report: Report): void {
  const interpreter = line.slice(2).trim();
  if (/\s/.test(interpreter)) report(path, 'shebang', `"${line}" has arguments; Occlum takes one absolute path only`);
  else if (!posix.isAbsolute(interpreter)) report(path, 'shebang', `"${line}" names no absolute path`);
  else if (line.length > 127) report(path, 'shebang', 'its first line is longer than 127 bytes');
  else if (resolveInImage(root, interpreter) === null) report(path, 'shebang', `${interpreter} is not in the image`);
}

/** Whether a script names a module that spawns; Occlum has no fork (occlum-contract §0.2, issues 1546, 1174, 262). */
function forks(file: string): boolean {
  const text = readFileSync(file, 'latin1');
  return /\b(?:require\(|from|import\(|import)\s*['"](?:node:)?(?:child_process|cluster)['"]/.test(text);
}

function firstLine(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(256);
    const text = start.toString('latin1', 0, readSync(descriptor, start, 0, start.length, 0));
    return text.startsWith('#!') ? text.split('\n', 1)[0] : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function isFolder(path: string | null): boolean {
  return path !== null && statSync(path).isDirectory();
}
