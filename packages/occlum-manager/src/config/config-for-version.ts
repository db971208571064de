import { TeeError } from '@neo-service-layer/tee-interface';
import { parseOcclumConfig } from './parse-config.ts';
import type { OcclumConfig } from './schema.ts';

/** Since which version a field is read where it is now; an older Occlum ignores it without a word (§2.2). */
const since: readonly (readonly [path: string, version: string])[] = [
  ['feature.io_uring', '0.31.0'],
  ['feature.amx', '0.30.1'],
  ['feature.pkru', '0.30.1'],
  ['feature.enable_edmm', '0.30.0'],
  ['resource_limits.user_space_max_size', '0.30.0'],
  ['resource_limits.kernel_space_heap_max_size', '0.30.0'],
  ['resource_limits.init_num_of_threads', '0.30.0'],
];

/**
 * Checks a decoded Occlum.json as parseOcclumConfig() does, and that a version of Occlum knows every field in it.
 * A field that switches nothing on (0, false) is no matter.
 *
 * @param version e.g. "0.30.0", as occlum_version.h has it
 * @throws TeeError ERR_OCCLUM_CONFIG; ERR_INVALID_ARGUMENT for something that is no version
 */
export function parseConfigFor(version: string, value: unknown): OcclumConfig {
  const given = numberOf(version);
  const config = parseOcclumConfig(value);
  for (const [path, first] of since) {
    const [section = '', field = ''] = path.split('.');
    const found: unknown = Reflect.get(Object(Reflect.get(config, section)), field);
    if (found === undefined || found === 0 || found === false || given >= numberOf(first)) continue;
    throw new TeeError('ERR_OCCLUM_CONFIG', `Occlum.json: ${path}: Occlum ${version} would ignore it`, {
      expected: `Occlum ${first} or later`,
      actual: version,
      hint: 'Use a newer Occlum, or leave the field out.',
    });
  }
  return config;
}

function numberOf(version: string): number {
  const match = /^v?(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(version);
  if (match === null) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'a version of Occlum has three numbers', { actual: version });
  }
  return Number(match[1]) * 1e6 + Number(match[2]) * 1e3 + Number(match[3]);
}
