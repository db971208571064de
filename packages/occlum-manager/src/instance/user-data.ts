import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildMarker } from './build-marker.ts';
import type { InstanceLayout } from './layout.ts';

/** What became of the data that programs had written into the enclave's file system before a build. */
export type UserDataOutcome =
  | { readonly outcome: 'none' | 'restored' }
  | { readonly outcome: 'kept-aside'; readonly folder: string; readonly reason: string };

/**
 * Moves `run/` out of the way: `occlum build` deletes it first of all, with everything programs have written
 * (occlum-contract §0.7). What an interrupted build had set aside stays set aside; the `run/` it left is of a build
 * that never became whole.
 */
export async function setAside(layout: InstanceLayout): Promise<void> {
  if (!(await hasData(layout.run))) return;
  if (await exists(layout.pendingRun)) await keep(layout, layout.run);
  else await rename(layout.run, layout.pendingRun);
}

/** Puts back what was set aside, when a build failed and the previous one stands again. */
export async function putBack(layout: InstanceLayout): Promise<void> {
  if (!(await exists(layout.pendingRun))) return;
  await rm(layout.run, { recursive: true, force: true });
  await rename(layout.pendingRun, layout.run);
}

/**
 * Gives the data to the new build when its writable layer can be read by it: same signer (whose key encrypts it),
 * same mode, same kind of image, same names in the image below. Otherwise keeps it aside and says where and why.
 *
 * @param before marker of the build that the data belongs to; undefined when it is not known
 */
export async function handOver(
  layout: InstanceLayout,
  before: BuildMarker | undefined,
  now: BuildMarker,
): Promise<UserDataOutcome> {
  if (!(await exists(layout.pendingRun))) return { outcome: 'none' };
  const reason = before === undefined ? 'the build it belongs to is not known' : difference(before, now);
  if (reason === undefined) {
    await putBack(layout);
    return { outcome: 'restored' };
  }
  return { outcome: 'kept-aside', folder: await keep(layout, layout.pendingRun), reason };
}

function difference(before: BuildMarker, now: BuildMarker): string | undefined {
  if (before.mrSigner !== now.mrSigner) return 'another signing key: its files cannot be decrypted';
  if (before.sgxMode !== now.sgxMode) return `it was written in ${before.sgxMode} mode`;
  if (before.imageType !== now.imageType) return `the image was ${before.imageType}`;
  if (before.layoutHash !== now.layoutHash) return 'the image has other files now';
  return undefined;
}

async function keep(layout: InstanceLayout, folder: string): Promise<string> {
  await mkdir(layout.keptRuns, { recursive: true });
  const numbers = (await readdir(layout.keptRuns)).map(Number).filter(Number.isInteger);
  const place = join(layout.keptRuns, String(Math.max(0, ...numbers) + 1));
  await rename(folder, place);
  return place;
}

/** Whether anything was written below; the empty folders a build makes and the server's socket do not count. */
async function hasData(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.some((entry) => !entry.isDirectory() && !entry.isSocket());
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
