import { createHash } from 'node:crypto';
import type { OcclumConfig } from './occlum-json.ts';

/** Goes into every measurement: enclaves of another version of these rules are others. */
const measurementVersion = 'occlum-sim measurement 1';

/** What the simulated MRENCLAVE is made of; kept beside the build so that a change can be named. */
export interface MeasuredContent {
  /** The measured part of Occlum.json, see {@link measuredConfig}. */
  config: OcclumConfig;
  image: string[];
  initfs: string[];
}

/**
 * MRENCLAVE of an instance: SHA-256 over the version of these rules, the canonical configuration and both manifests,
 * each with its length, so that no two contents give the same bytes. Same inputs, same value, in any folder.
 *
 * Product id, version number, debuggable and the KSS ids are in SIGSTRUCT and not here, as with SGX: a new version
 * number alone leaves MRENCLAVE as it is.
 *
 * @returns 32 bytes
 */
export function measure(content: MeasuredContent): Uint8Array {
  const hash = createHash('sha256');
  const parts = [
    measurementVersion,
    JSON.stringify(canonical(measuredConfig(content.config))),
    content.image.join('\n'),
    content.initfs.join('\n'),
  ];
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return new Uint8Array(hash.digest());
}

/** The part of a configuration that MRENCLAVE covers, with the defaults that depend on other parts filled in. */
function measuredConfig(config: OcclumConfig): object {
  const { metadata, ...rest } = config;
  return { ...rest, disable_log: metadata.disable_log ?? !metadata.debuggable };
}

/** The value with the members of every object in the order of their names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, canonical(member)]),
  );
}
