import {
  type FunctionCapability,
  functionCapabilities,
  type JsonValue,
  TeeError,
} from '@neo-service-layer/tee-interface';
import { encodePlain } from '@neo-service-layer/tee-interface/cbor';
import * as z from 'zod';
import { sha256 } from './digest.ts';
import {
  defaultKeyring,
  type KeyringConfiguration,
  keyringConfigurationSchema,
} from './keyring/keyring-configuration.ts';
import { defaultUsers, type UsersConfiguration, usersFileSchema, usersOf } from './users/users-configuration.ts';

/** Version of this runtime; stands in getInfo and in the configuration hash. */
export const runtimeVersion = '0.1.0';

/** What the runtime runs with. It is part of the program, so it is measured; its hash also stands in the evidence. */
export interface RuntimeConfiguration {
  /** The most a call may ask for. */
  limits: { timeoutMs: number; memoryBytes: number; gas: number };
  /**
   * What a call may have its function granted. `http: 'public'` is to hosts by name only: addresses and localhost would
   * open the network around the host, which is not the caller's to open.
   */
  grants: { capabilities: readonly FunctionCapability[]; http: 'none' | 'public' | 'any' };
  /** Calls in the sandbox at once. */
  workers: number;
  keyring: KeyringConfiguration;
  users: UsersConfiguration;
  /** Name of the service; clients that mean another one are refused. Empty: it has none. */
  audience: string;
  /**
   * Offers the post-quantum suite beside the classic one. A new session of it takes the enclave some milliseconds, which a
   * flood of them makes much of.
   */
  postQuantum: boolean;
}

/** The configuration built into the image. */
export const builtInConfiguration: RuntimeConfiguration = {
  limits: { timeoutMs: 60_000, memoryBytes: 256 * 1024 * 1024, gas: 100_000_000_000 },
  grants: { capabilities: functionCapabilities, http: 'public' },
  workers: 2,
  keyring: defaultKeyring,
  users: defaultUsers,
  audience: '',
  postQuantum: false,
};

const imageFileSchema = z.strictObject({
  keyring: keyringConfigurationSchema.optional(),
  users: usersFileSchema.optional(),
  audience: z.string().max(256).optional(),
  postQuantum: z.boolean().optional(),
});

/** What an image may say for itself beside the built-in configuration: /app/configuration.json in it, which is measured. */
export type ImageConfiguration = z.infer<typeof imageFileSchema>;

/** The text of an image's configuration file. @throws {TeeError} ERR_INVALID_ARGUMENT for what no runtime would take */
export function imageConfigurationText(configuration: ImageConfiguration): string {
  return `${JSON.stringify(requireImageConfiguration(configuration), null, 2)}\n`;
}

/** The built-in configuration with what the image's file says. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function parseImageConfiguration(text: string): RuntimeConfiguration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', "The image's configuration is not JSON.", { cause });
  }
  const { keyring = defaultKeyring, users, audience = '', postQuantum = false } = requireImageConfiguration(value);
  return { ...builtInConfiguration, keyring, users: usersOf(users), audience, postQuantum };
}

function requireImageConfiguration(value: unknown): ImageConfiguration {
  const parsed = imageFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TeeError('ERR_INVALID_ARGUMENT', "The image's configuration is not one that the runtime takes.", {
    actual: z.prettifyError(parsed.error),
  });
}

/** SHA-256 over the configuration, the runtime's version and the sandbox's engine. */
export function configurationHash(configuration: RuntimeConfiguration, sandboxHash: string): Uint8Array {
  const { limits, grants, workers, keyring, audience, postQuantum } = configuration;
  const users = plain(configuration.users);
  const granted = { capabilities: [...grants.capabilities], http: grants.http };
  const facts = [
    'tee-runtime/1 configuration',
    runtimeVersion,
    sandboxHash,
    { ...limits },
    granted,
    workers,
    keyring,
    users,
    audience,
    postQuantum,
  ];
  return sha256(encodePlain(facts));
}

/** Values of a configuration file are JSON; what is not given does not stand in the hash. */
function plain(value: UsersConfiguration): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
