import {
  type ImageConfiguration,
  imageConfigurationText,
  type KeyringConfiguration,
} from '@neo-service-layer/enclave-runtime';
import { type AcceptableStatus, acceptableStatuses, bytesToHex } from '@neo-service-layer/tee-interface';
import { countArgument, jsonArgument, type ParsedOptions, readFile, usage } from '../cli/arguments.ts';
import { trustAnchors } from '../enclave/collateral.ts';
import type { ImageRecipe } from '../enclave/image-recipe.ts';
import type { HostSettings } from '../enclave/settings.ts';
import { publicKeyArgument } from './key-files.ts';

/** Options of `image build` that say what the image shall be. */
export const recipeOptions = {
  keyring: 'value',
  approver: 'list',
  threshold: 'value',
  'grant-root': 'list',
  'grant-status': 'list',
  holder: 'list',
  'holders-needed': 'value',
  'security-version': 'value',
  'product-id': 'value',
  users: 'value',
  audience: 'value',
  'post-quantum': 'flag',
} as const;

type Values = ParsedOptions<typeof recipeOptions>['values'];

/** What the options ask for. @throws {TeeError} ERR_INVALID_ARGUMENT for options that do not go together */
export async function recipeOf(values: Values, settings: HostSettings): Promise<ImageRecipe> {
  const keyring: KeyringConfiguration = {
    policy: policyOf(values),
    ...recoveryOf(values),
    ...(await peersOf(values, settings)),
  };
  const securityVersion = u16('security-version', values['security-version']);
  const productId = u16('product-id', values['product-id']);
  return {
    configuration: imageConfigurationText({
      keyring,
      ...usersOf(values),
      ...(values.audience === undefined ? {} : { audience: values.audience }),
      ...(values['post-quantum'] ? { postQuantum: true } : {}),
    }),
    ...(securityVersion === undefined ? {} : { securityVersion }),
    ...(productId === undefined ? {} : { productId }),
  };
}

/** Who may use a keyring, in a few words. */
export function keyringWords(keyring: KeyringConfiguration | undefined): string {
  const { policy, recovery } = keyring ?? { policy: { kind: 'enclave' as const } };
  const words = {
    enclave: () => 'for this image on this CPU only: never handed over',
    signer: () => 'for every enclave of the same signer on this CPU',
    grant: () =>
      policy.kind === 'grant' && `handed over when ${policy.threshold} of ${policy.approvers.length} approvers sign`,
  }[policy.kind]();
  const holders = recovery ? `; recovered by ${recovery.threshold} of ${recovery.holders.length} holders` : '';
  return `${words}${holders}`;
}

/** Who may use the enclave, from a JSON file; `imageConfigurationText` says what it may hold. */
function usersOf({ users: file }: Values): Pick<ImageConfiguration, 'users'> {
  if (file === undefined) return {};
  return { users: jsonArgument('users', `@${file}`, {}) as ImageConfiguration['users'] };
}

function policyOf(values: Values): KeyringConfiguration['policy'] {
  const { keyring: kind = 'enclave', approver: approvers = [] } = values;
  if (kind === 'grant') {
    if (approvers.length === 0) throw usage('--keyring grant needs at least one --approver.');
    const threshold = countArgument('threshold', values.threshold) ?? approvers.length;
    return { kind, approvers: approvers.map((given) => publicKeyArgument('ed25519', given)), threshold };
  }
  if (kind !== 'enclave' && kind !== 'signer') throw usage('--keyring wants enclave, signer or grant.');
  const more = [values.approver, values.threshold, values['grant-root'], values['grant-status']];
  if (more.some((value) => value !== undefined)) {
    throw usage('--approver, --threshold, --grant-root and --grant-status are for --keyring grant.');
  }
  return { kind };
}

function recoveryOf(values: Values): Pick<KeyringConfiguration, 'recovery'> {
  const { holder: holders = [] } = values;
  if (holders.length === 0) {
    if (values['holders-needed'] !== undefined) throw usage('--holders-needed is for --holder.');
    return {};
  }
  const threshold = countArgument('holders-needed', values['holders-needed']) ?? holders.length;
  return { recovery: { holders: holders.map((given) => publicKeyArgument('x25519', given)), threshold } };
}

/**
 * By what the other machine is judged. In simulation the image takes the root of this simulated machine, and those that
 * are named; never on hardware.
 */
async function peersOf(values: Values, settings: HostSettings): Promise<Pick<KeyringConfiguration, 'peers'>> {
  const { keyring, 'grant-root': roots = [], 'grant-status': given = [] } = values;
  if (!settings.simulation && roots.length > 0)
    throw usage('--grant-root is for simulation: hardware has Intel’s root.');
  const statuses = given.length === 0 ? {} : { acceptedStatuses: given.map(statusArgument) };
  if (keyring !== 'grant') return {};
  if (!settings.simulation) return { peers: statuses };
  const anchors = [...((await trustAnchors(settings)) ?? []), ...roots.map((file) => readFile(file))];
  return { peers: { ...statuses, allowSimulation: true, simulationRoots: [...new Set(anchors.map(bytesToHex))] } };
}

function statusArgument(text: string): AcceptableStatus {
  const status = acceptableStatuses.find((name) => name === text);
  if (status !== undefined) return status;
  throw usage(`--grant-status wants one of ${acceptableStatuses.join(', ')}.`);
}

function u16(name: string, text: string | undefined): number | undefined {
  const value = countArgument(name, text);
  if (value !== undefined && value > 0xffff) throw usage(`--${name} wants a number from 1 to 65535.`);
  return value;
}
