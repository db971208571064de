import { countArgument, type ParsedOptions } from '../cli/arguments.ts';
import { type ReadConfiguration, readConfiguration } from './read-configuration.ts';

/** Options of commands that serve, or that look at how they would. No secret is among them. */
export const configurationOptions = {
  config: 'value',
  port: 'value',
  host: 'value',
  'tls-cert': 'value',
  'tls-key': 'value',
  'cors-origin': 'list',
  'log-level': 'value',
  'max-connections': 'value',
  enclaves: 'value',
  'drain-seconds': 'value',
} as const;

type Values = ParsedOptions<typeof configurationOptions>['values'];

/** The configuration that options, environment, file and defaults give. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function configurationOf(values: Values, file: string | null = null): ReadConfiguration {
  const { env } = process;
  const [certFile, keyFile] = [values['tls-cert'], values['tls-key']];
  const hasTls = certFile !== undefined || keyFile !== undefined;
  return readConfiguration({
    options: {
      port: numberOf(values.port),
      host: values.host,
      tls: hasTls ? { certFile, keyFile, keyPassphrase: env['TEE_TLS_KEY_PASSPHRASE'] ?? null } : undefined,
      corsOrigins: values['cors-origin'],
      logLevel: values['log-level'],
      maxConnections: countArgument('max-connections', values['max-connections']),
      enclaves: countArgument('enclaves', values.enclaves),
      drainSeconds: numberOf(values['drain-seconds']),
    },
    env,
    file: file ?? values.config ?? env['TEE_CONFIG'] ?? null,
    folder: process.cwd(),
  });
}

/** Text that is no number goes on as it is, for the schema to refuse. */
function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
