import { existsSync, readFileSync } from 'node:fs';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { InstanceLayout } from './layout.ts';
import { makeManifest, manifestDifference } from './manifest.ts';
import { type MeasuredContent, measure } from './measurement.ts';
import { sigstructOf } from './signed-library.ts';

/** A built instance whose files are what was measured. */
export interface BuiltEnclave {
  config: MeasuredContent['config'];
  measurement: Uint8Array;
  /** Not verified: that is the processor's work at launch. */
  sigstruct: Uint8Array;
}

/**
 * Reads a build and measures its image and initfs anew, as the encrypted file system of Occlum would notice a changed
 * byte. What the signature says about the measurement is left to the launch.
 *
 * @throws {TeeError} ERR_EINIT_REFUSED when a file is missing, damaged or not as measured; the changed paths are named
 */
export function readBuiltEnclave(layout: InstanceLayout): BuiltEnclave {
  const sigstruct = existsSync(layout.signedLibrary) ? sigstructOf(readFileSync(layout.signedLibrary)) : null;
  if (sigstruct === null) throw broken(`${layout.signedLibrary} is not a signed enclave of occlum-sim`);
  const recorded = readRecord(layout.systemConfig);
  const changed = [
    ...manifestDifference(recorded.image, makeManifest(layout.builtImage)),
    ...manifestDifference(recorded.initfs, makeManifest(layout.builtInitfs)).map((path) => `initfs:${path}`),
  ];
  if (changed.length > 0) throw broken(`the built image was changed: ${changed.slice(0, 10).join(', ')}`);
  return { config: recorded.config, measurement: measure(recorded), sigstruct };
}

function readRecord(path: string): MeasuredContent {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(record.image) && Array.isArray(record.initfs) && typeof record.config === 'object') return record;
  } catch (cause) {
    throw broken(`${path} cannot be read`, cause);
  }
  throw broken(`${path} is damaged`);
}

function broken(why: string, cause?: unknown): TeeError {
  return new TeeError('ERR_EINIT_REFUSED', `The enclave cannot be created: ${why}.`, {
    hint: 'Build the instance again: occlum build -f',
    cause,
  });
}
