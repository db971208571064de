import { TeeError } from '@neo-service-layer/tee-interface';
import type { OcclumConfig } from '../config/schema.ts';
import type { OutputSink } from '../process/launch.ts';

/** Identity given to an enclave at launch, beside what is measured (KSS; SDM Vol. 3D, CONFIGID and CONFIGSVN). */
export interface LaunchIdentity {
  /** At most 64 bytes, filled up with zeros. Readable in reports and quotes; Occlum.json must have enable_kss. */
  configId?: Uint8Array;
  /** 0 to 65535. */
  configSvn?: number;
}

/** How a program is started in an enclave that runs. */
export interface ExecOptions {
  /** Variables for the program; Occlum.json must name each in env.untrusted. */
  env?: Readonly<Record<string, string>>;
  /** Ends the program and everything started for it. */
  signal?: AbortSignal;
  /** Where its output goes; default: only the end is kept, for the report. What a callback throws ends the program. */
  stdout?: OutputSink;
  stderr?: OutputSink;
}

/** How an enclave is started as a server. */
export interface StartOptions extends LaunchIdentity {
  signal?: AbortSignal;
  /** How long to wait while another process works with the instance; default 0: ERR_OCCLUM_LOCKED at once. */
  lockWaitMs?: number;
}

/** How a program is started in an enclave of its own. */
export interface RunOptions extends ExecOptions, StartOptions {}

/**
 * The options of `occlum run` and `occlum start` that name an identity.
 *
 * @throws TeeError ERR_INVALID_ARGUMENT also when Occlum.json has no KSS: the options would silently do nothing; a
 *   number out of range would be ignored with a warning (occlum-contract §1.2)
 */
export function identityArguments({ configId, configSvn }: LaunchIdentity, config: OcclumConfig): string[] {
  if (configId === undefined && configSvn === undefined) return [];
  if (!config.metadata.enable_kss) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'configId and configSvn have an effect only with KSS', {
      expected: 'metadata.enable_kss in Occlum.json',
      hint: 'Build with occlumConfig({ kss }).',
    });
  }
  if (configId !== undefined && (configId.length === 0 || configId.length > 64)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'a configId has 1 to 64 bytes', { actual: `${configId.length} bytes` });
  }
  if (configSvn !== undefined && !(Number.isInteger(configSvn) && configSvn >= 0 && configSvn <= 0xffff)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'a configSvn is a number from 0 to 65535', {
      actual: String(configSvn),
    });
  }
  return [
    ...(configId === undefined ? [] : ['--config-id', Buffer.from(configId).toString('base64')]),
    ...(configSvn === undefined ? [] : ['--config-svn', String(configSvn)]),
  ];
}
