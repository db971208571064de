import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { parse } from 'yaml';
import * as z from 'zod';
import { type HostConfiguration, hostConfigurationSchema } from './host-configuration.ts';

/** Where a value comes from. */
type Source = 'option' | 'environment' | 'file' | 'default';

/** A configuration, and where each member comes from. */
export interface ReadConfiguration {
  configuration: HostConfiguration;
  sources: Record<keyof HostConfiguration, Source>;
  file: string | null;
}

/** Where to look. */
export interface ConfigurationPlaces {
  /** Of the command line, by member. No secret is among them. */
  options: Partial<Record<keyof HostConfiguration, unknown>>;
  env: NodeJS.ProcessEnv;
  /** A file by name, or null: `neo-tee.config.json` or `.yaml` of the folder, if there is one. */
  file: string | null;
  folder: string;
}

const names = ['neo-tee.config.json', 'neo-tee.config.yaml'];

/** Environment variables by member; lists are separated by commas. */
const variables: Partial<Record<keyof HostConfiguration, string>> = {
  port: 'TEE_PORT',
  host: 'TEE_HOST',
  logLevel: 'TEE_LOG_LEVEL',
  corsOrigins: 'TEE_CORS_ORIGINS',
  maxBodyBytes: 'TEE_MAX_BODY_BYTES',
  maxConnections: 'TEE_MAX_CONNECTIONS',
  headerSeconds: 'TEE_HEADER_SECONDS',
  requestSeconds: 'TEE_REQUEST_SECONDS',
  enclaves: 'TEE_ENCLAVES',
  drainSeconds: 'TEE_DRAIN_SECONDS',
};

/**
 * The configuration of a host: options before the environment, before the file, before defaults.
 * @throws {TeeError} ERR_INVALID_ARGUMENT naming each member and rule; values are not quoted
 */
export function readConfiguration({ options, env, file, folder }: ConfigurationPlaces): ReadConfiguration {
  const found = file ?? names.map((name) => join(folder, name)).find((path) => existsSync(path)) ?? null;
  const layers = [
    ['file', found === null ? {} : readFileMembers(found)],
    ['environment', environmentMembers(env)],
    ['option', options],
  ] as const;
  const merged: Record<string, unknown> = {};
  const origin = new Map<string, Source>();
  for (const [source, members] of layers) {
    for (const [name, value] of Object.entries(members)) {
      if (value === undefined) continue;
      merged[name] = value;
      origin.set(name, source);
    }
  }
  const parsed = hostConfigurationSchema.safeParse(merged);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The configuration of the host is not valid.', {
      actual: problems.join('; '),
      hint:
        found === null ? 'docs/host.md lists what it takes.' : `Look into ${found}; docs/host.md lists what it takes.`,
    });
  }
  const members = Object.keys(hostConfigurationSchema.shape) as (keyof HostConfiguration)[];
  const sources = Object.fromEntries(members.map((name) => [name, origin.get(name) ?? 'default']));
  return { configuration: parsed.data, sources: sources as ReadConfiguration['sources'], file: found };
}

function readFileMembers(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `${path} could not be read as JSON or YAML.`, {
      actual: cause instanceof Error ? cause.name : 'an error',
      cause,
    });
  }
  const record = z.record(z.string(), z.unknown()).safeParse(value ?? {});
  if (record.success) return record.data;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${path} holds no members.`);
}

function environmentMembers(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    if (name === 'corsOrigins') members[name] = text.split(',').map((origin) => origin.trim());
    else members[name] = /^\d+(\.\d+)?$/.test(text) && name !== 'host' ? Number(text) : text;
  }
  const [certFile, keyFile] = [env['TEE_TLS_CERT'], env['TEE_TLS_KEY']];
  if (certFile !== undefined || keyFile !== undefined) {
    members['tls'] = { certFile, keyFile, keyPassphrase: env['TEE_TLS_KEY_PASSPHRASE'] ?? null };
  }
  return members;
}
