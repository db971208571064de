import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether make would build `target` anew: it is missing, or a file or folder among `sources` (trees are walked) was
 * changed later. Only times count: what was changed and dated back, links, modes and other keys go unnoticed
 * (occlum-contract §1.5), which is why nobody should build without -f.
 */
export function isStale(target: string, sources: string[]): boolean {
  const built = timeOf(target);
  return built === null || sources.some((source) => newest(source) > built);
}

function newest(path: string): bigint {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !(stat.isFile() || stat.isDirectory())) return 0n;
  if (stat.isFile()) return stat.mtimeNs;
  let latest = stat.mtimeNs;
  for (const name of readdirSync(path)) {
    const time = newest(join(path, name));
    if (time > latest) latest = time;
  }
  return latest;
}

function timeOf(path: string): bigint | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? null;
}
