import { TeeError } from '@neo-service-layer/tee-interface';
import { parseConfigFor } from './config-for-version.ts';
import { parseOcclumConfig } from './parse-config.ts';
import type { OcclumConfig } from './schema.ts';

/** A configuration in today's form, and what had to be moved for it. */
export interface MigratedConfig {
  readonly config: OcclumConfig;
  /** In words, e.g. "metadata.pkru became feature.pkru"; empty when nothing had to be done. */
  readonly changes: readonly string[];
}

/** Keys of the branch 1.0.0-preview, whose configuration is another file, Occlum.yaml (occlum-contract §2.1). */
const previewKeys = ['untrusted_unix_socks', 'async_sfs', 'autokey_policy', 'num_of_cpus'];

/**
 * Brings an Occlum.json of Occlum 0.28 to 0.31 into the form of 0.30.1 and later (occlum-contract §2.2): `pkru` and
 * `amx` from `metadata` to `feature`, and a `feature` object where none was yet. Today's Occlum ignores the old places
 * without a word. The value is not changed.
 *
 * @param options.occlumVersion the version that will build it, e.g. "0.30.0": what that one does not know is refused
 * @throws TeeError ERR_OCCLUM_CONFIG when a field is in both places with different values, is of the 1.0 preview, or
 *   when the result is no configuration
 */
export function migrateConfig(value: unknown, options: { occlumVersion?: string } = {}): MigratedConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { config: parseOcclumConfig(value), changes: [] };
  }
  const preview = previewKeys.find((key) => Object.hasOwn(value, key));
  if (preview !== undefined) {
    throw new TeeError('ERR_OCCLUM_CONFIG', `Occlum.json: ${preview}: belongs to Occlum.yaml of Occlum 1.0-preview`, {
      hint: 'This package drives Occlum 0.30.1 to 0.31; write its configuration with occlumConfig().',
    });
  }
  const changes: string[] = [];
  const metadata = { ...objectAt(value, 'metadata') };
  const feature = { ...objectAt(value, 'feature') };
  if (!Object.hasOwn(value, 'feature')) changes.push('feature was added: it must be there since Occlum 0.30.1');
  for (const key of ['pkru', 'amx']) {
    if (!Object.hasOwn(metadata, key)) continue;
    const old = metadata[key];
    if (Object.hasOwn(feature, key) && feature[key] !== old) {
      throw new TeeError('ERR_OCCLUM_CONFIG', `Occlum.json: metadata.${key} and feature.${key} contradict each other`, {
        expected: 'one of them',
        hint: 'Occlum since 0.30.1 takes feature, before it took metadata.',
      });
    }
    feature[key] = old;
    delete metadata[key];
    changes.push(`metadata.${key} became feature.${key}`);
  }
  const moved = { ...value, metadata, feature };
  const { occlumVersion } = options;
  const config = occlumVersion === undefined ? parseOcclumConfig(moved) : parseConfigFor(occlumVersion, moved);
  return { config, changes };
}

function objectAt(value: object, key: string): Record<string, unknown> {
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'object' && found !== null ? { ...found } : {};
}
