import * as z from 'zod';

const server = z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'must be host:port');
const place = z
  .string()
  .regex(/^\/[^\0]*$/, 'must be an absolute path in the image')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ".."');
const name = z.string().min(1).max(256);
const onOff = z.enum(['on', 'off']);
/** A measurement, or the empty string where it is not compared. */
const measurement = z.string().regex(/^([0-9a-f]{64})?$/, 'must be 64 lower-case hex digits, or empty');
const u16 = z.int().min(0).max(0xffff);

/**
 * init_ra_conf.json of `--init-ra grpc_ratls` (occlum-contract §4.4): the key service is attested by RA-TLS before it
 * is asked for a secret. `path` is where the init process writes a secret, of at most 10 KB.
 */
export const grpcRatlsSchema = z.strictObject({
  kms_server: server,
  kms_keys: z.array(z.strictObject({ key: name, path: place })),
  ra_config: z.strictObject({
    verify_mr_enclave: onOff,
    verify_mr_signer: onOff,
    verify_isv_prod_id: onOff,
    verify_isv_svn: onOff,
    verify_config_svn: onOff,
    verify_enclave_debuggable: onOff,
    /** Enclaves that the key service may be; one of them has to fit. */
    sgx_mrs: z
      .array(
        z.strictObject({
          mr_enclave: measurement,
          mr_signer: measurement,
          isv_prod_id: u16,
          isv_svn: u16,
          config_svn: u16,
          debuggable: z.boolean(),
        }),
      )
      .min(1, 'at least one enclave, or no key service fits'),
  }),
});

const text = z.string();
const hex = z.string().regex(/^([0-9a-fA-F]{2})*$/, 'must be hex, or empty');

/** init_ra_conf.json of `--init-ra aecs` (occlum-contract §4.4). The init process wants every `ua_` field to be there. */
export const aecsSchema = z.strictObject({
  kms_server: server,
  kms_keys: z.array(z.strictObject({ key: name, path: place, service: name, encode: z.literal('base64').optional() })),
  ua_env_pccs_url: text,
  ra_config: z.strictObject({
    ua_ias_url: text,
    ua_ias_spid: text,
    ua_ias_apk_key: text,
    ua_dcap_lib_path: text,
    ua_dcap_pccs_url: text,
    ua_uas_url: text,
    ua_uas_app_key: text,
    ua_uas_app_secret: text,
    ua_policy_str_tee_platform: text,
    ua_policy_hex_platform_hw_version: hex,
    ua_policy_hex_platform_sw_version: hex,
    ua_policy_hex_secure_flags: hex,
    ua_policy_hex_platform_measurement: hex,
    ua_policy_hex_boot_measurement: hex,
    ua_policy_str_tee_identity: text,
    ua_policy_hex_ta_measurement: hex,
    ua_policy_hex_ta_dyn_measurement: hex,
    ua_policy_hex_signer: hex,
    ua_policy_hex_prod_id: hex,
    ua_policy_str_min_isvsvn: text,
    ua_policy_hex_user_data: hex,
    ua_policy_bool_debug_disabled: z.enum(['', 'true', 'false']),
    ua_policy_hex_hash_or_pem_pubkey: text,
    ua_policy_hex_nonce: hex,
    ua_policy_hex_spid: hex,
  }),
});

/** Configuration of the init process for gRPC with RA-TLS. */
export type GrpcRatlsConfig = z.infer<typeof grpcRatlsSchema>;

/** Configuration of the init process for AECS. */
export type AecsConfig = z.infer<typeof aecsSchema>;
