import { TeeError } from '@neo-service-layer/tee-interface';
import { type AecsConfig, aecsSchema, type GrpcRatlsConfig, grpcRatlsSchema } from './init-ra-schema.ts';

/** What the init process of an instance attests itself to before programs start, and how. */
export type InitRaConfig =
  | { readonly kind: 'grpc_ratls'; readonly config: GrpcRatlsConfig }
  | { readonly kind: 'aecs'; readonly config: AecsConfig };

/** Which init process an instance is made with. */
export type InitRaKind = InitRaConfig['kind'];

/**
 * Checks a decoded init_ra_conf.json. Its form tells its kind: only keys for AECS name a service, and only AECS has
 * `ua_env_pccs_url`. Stricter than the init process, which ignores unknown keys: a misspelt check would not be made.
 *
 * @throws TeeError ERR_OCCLUM_INIT_RA; `details.issues` lists every fault. Values are not quoted: one may be a secret.
 */
export function parseInitRaConfig(value: unknown): InitRaConfig {
  const kind = typeof value === 'object' && value !== null && 'ua_env_pccs_url' in value ? 'aecs' : 'grpc_ratls';
  if (kind === 'aecs') {
    const parsed = aecsSchema.safeParse(value);
    if (parsed.success) return { kind, config: parsed.data };
    throw refusal(kind, parsed.error.issues);
  }
  const parsed = grpcRatlsSchema.safeParse(value);
  if (!parsed.success) throw refusal(kind, parsed.error.issues);
  const missing = parsed.data.ra_config.sgx_mrs.flatMap((enclave, index) =>
    (['mr_enclave', 'mr_signer'] as const)
      .filter((name) => parsed.data.ra_config[`verify_${name}`] === 'on' && enclave[name] === '')
      .map((name) => ({ path: ['ra_config', 'sgx_mrs', index, name], message: `is empty, and verify_${name} is on` })),
  );
  if (missing.length > 0) throw refusal(kind, missing);
  return { kind, config: parsed.data };
}

/**
 * Reads the text of an init_ra_conf.json; see {@link parseInitRaConfig}.
 *
 * @throws TeeError ERR_OCCLUM_INIT_RA
 */
export function parseInitRaJson(text: string): InitRaConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TeeError('ERR_OCCLUM_INIT_RA', 'init_ra_conf.json is not JSON');
  }
  return parseInitRaConfig(value);
}

/**
 * The text of an init_ra_conf.json. It becomes part of the measured initfs at the next build.
 *
 * @throws TeeError ERR_OCCLUM_INIT_RA
 */
export function initRaConfigText({ kind, config }: InitRaConfig): string {
  const parsed = parseInitRaConfig(config);
  if (parsed.kind !== kind) throw refusal(kind, [{ path: [], message: `it is a configuration for ${parsed.kind}` }]);
  return `${JSON.stringify(parsed.config, null, 2)}\n`;
}

/**
 * Whether the key service is verified by its measurement or its signer at all. Without either, whoever answers at
 * `kms_server` with any enclave of its own receives this enclave's requests and chooses its secrets.
 */
export function verifiesKeyService(init: InitRaConfig): boolean {
  if (init.kind === 'grpc_ratls') {
    const { verify_mr_enclave: enclave, verify_mr_signer: signer } = init.config.ra_config;
    return enclave === 'on' || signer === 'on';
  }
  const { ua_policy_hex_ta_measurement: enclave, ua_policy_hex_signer: signer } = init.config.ra_config;
  return enclave !== '' || signer !== '';
}

function refusal(kind: InitRaKind, issues: readonly { path: readonly PropertyKey[]; message: string }[]): TeeError {
  const told = issues.map(({ path, message }) => ({ path: path.map(String).join('.') || '(whole file)', message }));
  const [first] = told;
  return new TeeError('ERR_OCCLUM_INIT_RA', `init_ra_conf.json (${kind}): ${first?.path}: ${first?.message}`, {
    hint: 'See occlum new --init-ra for the form, docs/occlum-traps.md for what is checked.',
    details: { issues: told },
  });
}
