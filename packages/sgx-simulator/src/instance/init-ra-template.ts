const grpcRatls = {
  kms_server: 'localhost:50051',
  kms_keys: [{ key: 'ssl_key', path: '/etc/ssl_key' }],
  ra_config: {
    verify_mr_enclave: 'off',
    verify_mr_signer: 'off',
    verify_isv_prod_id: 'off',
    verify_isv_svn: 'off',
    verify_config_svn: 'off',
    verify_enclave_debuggable: 'on',
    sgx_mrs: [{ mr_enclave: '', mr_signer: '', isv_prod_id: 0, isv_svn: 0, config_svn: 0, debuggable: false }],
  },
};

/** The fields of an AECS configuration that the init process wants to be there, all empty in the template. */
const aecsFields = [
  ...['ua_ias_url', 'ua_ias_spid', 'ua_ias_apk_key', 'ua_dcap_lib_path', 'ua_dcap_pccs_url', 'ua_uas_url'],
  ...['ua_uas_app_key', 'ua_uas_app_secret', 'ua_policy_str_tee_platform', 'ua_policy_hex_platform_hw_version'],
  ...['ua_policy_hex_platform_sw_version', 'ua_policy_hex_secure_flags', 'ua_policy_hex_platform_measurement'],
  ...['ua_policy_hex_boot_measurement', 'ua_policy_str_tee_identity', 'ua_policy_hex_ta_measurement'],
  ...['ua_policy_hex_ta_dyn_measurement', 'ua_policy_hex_signer', 'ua_policy_hex_prod_id', 'ua_policy_str_min_isvsvn'],
  ...['ua_policy_hex_user_data', 'ua_policy_bool_debug_disabled', 'ua_policy_hex_hash_or_pem_pubkey'],
  ...['ua_policy_hex_nonce', 'ua_policy_hex_spid'],
];

const aecs = {
  kms_server: 'localhost:19527',
  kms_keys: [{ key: 'secret-my-keypair-rsa', path: '/etc/saved_secret', service: 'service1' }],
  ua_env_pccs_url: '',
  ra_config: Object.fromEntries(aecsFields.map((name) => [name, ''])),
};

/**
 * The init_ra_conf.json that `--init-ra` puts into a new instance (occlum-contract §4.4).
 * @returns null for any other kind, which means the plain init: without a word, as the genuine tool has it
 */
export function initRaTemplate(kind: string): string | null {
  if (kind === 'grpc_ratls') return `${JSON.stringify(grpcRatls, null, 4)}\n`;
  return kind === 'aecs' ? `${JSON.stringify(aecs, null, 4)}\n` : null;
}
