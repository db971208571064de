import { parseOcclumConfig } from './parse-config.ts';
import type { OcclumConfig } from './schema.ts';

/**
 * The text of an Occlum.json, the same for the same configuration.
 *
 * @throws TeeError ERR_OCCLUM_CONFIG
 */
export function occlumConfigText(config: OcclumConfig): string {
  return `${JSON.stringify(parseOcclumConfig(config), null, 2)}\n`;
}
