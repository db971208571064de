import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Copies a dynamically linked binary of the host with its loader and libraries into an image, each library under its
 * own path, and the binary to `target`.
 */
export function gatherBinary(binary: string, image: string, target: string): void {
  const source = realpathSync(binary);
  copyInto(image, source, target);
  const loader = loaderOf(source);
  copyInto(image, loader, loader);
  const listing = execFileSync(loader, ['--list', source], { encoding: 'utf8' });
  for (const [, path] of listing.matchAll(/=> (\/\S+)/g)) if (path !== undefined) copyInto(image, path, path);
}

function copyInto(image: string, source: string, target: string): void {
  const path = join(image, target);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(source, path);
}

/** The dynamic loader of the machine: the one that the PT_INTERP of its binaries names. */
function loaderOf(binary: string): string {
  const known = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1', '/lib/ld-musl-x86_64.so.1'];
  const found = known.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no dynamic loader found for ${binary}`);
  return found;
}
