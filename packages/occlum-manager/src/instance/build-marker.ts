import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as z from 'zod';
import { writeWhole } from '../files/write-whole.ts';
import type { InstanceLayout } from './layout.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const markerSchema = z.strictObject({
  version: z.literal(1),
  /** SHA-256 of the bytes of Occlum.json that was built; a run reads that file again, so it must still be the same. */
  configHash: hash,
  /** SHA-256 of names, types and link targets in the image: what the writable layer was laid over. */
  layoutHash: hash,
  sgxMode: z.enum(['HW', 'SIM']),
  imageType: z.enum(['encrypted', 'integrity-only']),
  /** See imageKeyHash(); null for an image that is not encrypted. */
  imageKeyHash: hash.nullable().default(null),
  mrEnclave: hash,
  mrSigner: hash,
  /** What the caller noted about its inputs, to know later whether they have changed. */
  label: z.string().nullable(),
});

/** What this package notes about a whole build. A convenience of the host: whoever writes it proves nothing. */
export type BuildMarker = z.infer<typeof markerSchema>;

/** Whether an instance has a whole build, and if not why. */
export type BuildState =
  | { readonly built: true; readonly marker: BuildMarker }
  | { readonly built: false; readonly reason: string };

/**
 * Judges by what is there, never by `.__occlum_status`, which lies after failures (occlum-contract §0.10, §9.4):
 * every artefact, the marker that is written last, the mode, and Occlum.json unchanged since. Synchronous: a few small
 * files before every command, and each turn of the event loop would cost more than reading one.
 */
export function buildState(layout: InstanceLayout, sgxMode: 'HW' | 'SIM'): BuildState {
  const marker = readMarker(layout.marker);
  if (marker === undefined) return { built: false, reason: 'it was never built to the end' };
  if (marker.sgxMode !== sgxMode) return { built: false, reason: `it was built for ${marker.sgxMode}, not ${sgxMode}` };
  if (configHash(layout) !== marker.configHash) return { built: false, reason: 'Occlum.json has changed since' };
  const reason = judgeArtefacts(layout, marker);
  return reason === undefined ? { built: true, marker } : { built: false, reason };
}

/** What is wrong with the files of a build, or undefined when they are whole and of the marker's mode. */
export function judgeArtefacts(layout: InstanceLayout, marker: BuildMarker): string | undefined {
  for (const file of layout.artefacts) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined || found.size === 0) return `${file} is missing`;
  }
  if (!statSync(layout.writableRoot, { throwIfNoEntry: false })?.isDirectory())
    return `${layout.writableRoot} is missing`;
  const mode = existsSync(layout.sgxMode) ? readFileSync(layout.sgxMode, 'utf8').trim() : '';
  return mode === marker.sgxMode ? undefined : `.sgx_mode says ${mode || 'nothing'}, not ${marker.sgxMode}`;
}

/** Reads a marker; undefined when there is none, or one that this version does not know. */
export function readMarker(file: string): BuildMarker | undefined {
  try {
    return markerSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Declares a build whole: nothing may be left to do after it. */
export async function writeMarker(layout: InstanceLayout, marker: BuildMarker): Promise<void> {
  await writeWhole(layout.marker, `${JSON.stringify(marker, null, 2)}\n`);
}

/** SHA-256 of the bytes of Occlum.json. */
export function configHash(layout: InstanceLayout): string {
  return createHash('sha256').update(readFileSync(layout.config)).digest('hex');
}
