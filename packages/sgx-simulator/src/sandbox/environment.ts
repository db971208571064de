import type { OcclumConfig } from '../instance/occlum-json.ts';

/**
 * The environment that a program gets (occlum-contract §1.6): env.default, and of the host's variables those named in
 * env.untrusted, which replace a default of the same name. Nothing else, not even PATH.
 */
export function programEnvironment(config: OcclumConfig['env'], host: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const entry of config.default) {
    const separator = entry.indexOf('=');
    environment[entry.slice(0, separator)] = entry.slice(separator + 1);
  }
  for (const name of config.untrusted) {
    const value = host[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
