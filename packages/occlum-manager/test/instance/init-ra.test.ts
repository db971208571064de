import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  generateImageKey,
  type InitRaConfig,
  initRaConfigText,
  occlumConfig,
  parseInitRaConfig,
  parseInitRaJson,
  verifiesKeyService,
} from '../../src/index.ts';
import { madeOnce } from '../support/made-once.ts';
import { addScript, scriptInstance } from '../support/script-instance.ts';

const off = {
  verify_mr_enclave: 'off',
  verify_mr_signer: 'off',
  verify_isv_prod_id: 'off',
  verify_isv_svn: 'off',
  verify_config_svn: 'off',
  verify_enclave_debuggable: 'on',
} as const;
const service = {
  mr_enclave: '',
  mr_signer: 'ab'.repeat(32),
  isv_prod_id: 1,
  isv_svn: 2,
  config_svn: 0,
  debuggable: false,
};
const ratls = {
  kind: 'grpc_ratls',
  config: {
    kms_server: 'kms.example:50051',
    kms_keys: [{ key: 'tls_key', path: '/etc/tls.key' }],
    ra_config: { ...off, verify_mr_signer: 'on', sgx_mrs: [service] },
  },
} as const satisfies InitRaConfig;

const texts = ['ias_url', 'ias_spid', 'ias_apk_key', 'dcap_lib_path', 'dcap_pccs_url', 'uas_url', 'uas_app_key'].concat(
  [
    ...['uas_app_secret', 'policy_str_tee_platform', 'policy_hex_platform_hw_version'],
    ...['policy_hex_platform_sw_version', 'policy_hex_secure_flags', 'policy_hex_platform_measurement'],
    ...['policy_hex_boot_measurement', 'policy_str_tee_identity', 'policy_hex_ta_measurement'],
    ...['policy_hex_ta_dyn_measurement', 'policy_hex_signer', 'policy_hex_prod_id', 'policy_str_min_isvsvn'],
    ...['policy_hex_user_data', 'policy_bool_debug_disabled', 'policy_hex_hash_or_pem_pubkey', 'policy_hex_nonce'],
    'policy_hex_spid',
  ],
);
const aecs = {
  kms_server: 'localhost:19527',
  kms_keys: [{ key: 'demo', path: '/etc/demo', service: 'service1', encode: 'base64' }],
  ua_env_pccs_url: '',
  ra_config: Object.fromEntries(texts.map((name) => [`ua_${name}`, ''])),
};

describe('init_ra_conf.json', () => {
  test('is read back as it was written, and its form tells its kind', () => {
    expect(parseInitRaJson(initRaConfigText(ratls))).toEqual(ratls);
    expect(parseInitRaConfig(aecs)).toEqual({ kind: 'aecs', config: aecs });
  });

  test.each([
    ['an unknown key, which the init process ignores', { verify_mr_enclaves: 'on' }],
    ['a check that is neither on nor off', { verify_mr_enclave: 'yes' }],
    ['a measurement to verify that is empty', { verify_mr_enclave: 'on' }],
    ['no enclave at all', { sgx_mrs: [] }],
    ['a measurement in upper case', { sgx_mrs: [{ ...service, mr_signer: 'AB'.repeat(32) }] }],
  ])('with %s is refused', async (_, change) => {
    const config = { ...ratls.config, ra_config: { ...ratls.config.ra_config, ...change } };
    expect((await thrownBy(() => parseInitRaConfig(config))).code).toBe('ERR_OCCLUM_INIT_RA');
  });

  test.each([
    [{ kms_server: 'http://kms' }],
    [{ kms_keys: [{ key: 'k', path: 'etc/k' }] }],
    [{ kms_keys: [{ key: 'k', path: '/etc/../k' }] }],
    [{ kms_keys: [{ key: 'k', path: '/etc/k', service: 's' }] }],
  ])('with %j is refused', async (change) => {
    expect((await thrownBy(() => parseInitRaConfig({ ...ratls.config, ...change }))).code).toBe('ERR_OCCLUM_INIT_RA');
  });

  test('for AECS without one of its fields is refused, for the init process would not start; a secret is not quoted', async () => {
    const { ua_uas_app_secret: _, ...rest } = aecs.ra_config;
    const error = await thrownBy(() =>
      parseInitRaConfig({ ...aecs, ra_config: { ...rest, ua_policy_hex_nonce: 'swordfish' } }),
    );
    expect(error.code).toBe('ERR_OCCLUM_INIT_RA');
    expect(JSON.stringify([error.message, error.details])).not.toContain('swordfish');
  });

  test('whatever comes in, it is a configuration or an ERR_OCCLUM_INIT_RA', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ ua_env_pccs_url: fc.anything() })), (value) => {
        try {
          parseInitRaConfig(value);
          return false;
        } catch (error) {
          return (error as { code?: string }).code === 'ERR_OCCLUM_INIT_RA';
        }
      }),
    );
  });

  test('says whether the key service is verified', () => {
    expect(verifiesKeyService(ratls)).toBe(true);
    const none = { ...ratls.config, ra_config: { ...ratls.config.ra_config, verify_mr_signer: 'off' as const } };
    expect(verifiesKeyService(parseInitRaConfig(none))).toBe(false);
    expect(verifiesKeyService(parseInitRaConfig(aecs))).toBe(false);
    const signer = { ...aecs.ra_config, ua_policy_hex_signer: 'ab'.repeat(32) };
    expect(verifiesKeyService(parseInitRaConfig({ ...aecs, ra_config: signer }))).toBe(true);
  });
});

describe('an instance with init-RA', () => {
  const system = madeOnce(async (folder) => {
    const made = await scriptInstance({}, folder);
    const instance = await made.manager.createInstance(join(folder, 'ra.inst'), { initRa: 'grpc_ratls' });
    addScript(instance, 'sh', '');
    return { ...made, instance, plain: made.instance };
  });
  const config = occlumConfig({ preset: 'native' });

  test('is not built for release with the template, which verifies no key service', async () => {
    const { instance, signKey } = system();
    expect(await instance.readInitRaConfig()).toMatchObject({ kind: 'grpc_ratls' });
    expect((await thrownBy(() => instance.build({ signKey, config }))).code).toBe('ERR_OCCLUM_INIT_RA');
    await instance.build({ signKey, config, allowUnverifiedKeyService: true });
    await instance.build({ signKey, config: occlumConfig({ preset: 'native', allowDebug: true }) });
  });

  test('gets its image key from the key service, not from the image', async () => {
    const { instance, signKey, folder } = system();
    await instance.writeInitRaConfig(ratls);
    const file = join(folder, 'image.key');
    await generateImageKey(file);
    await instance.build({ signKey, config, imageKey: { file, delivery: 'init-ra' } });
    const { rest } = JSON.parse(readFileSync(join(instance.dir, 'build.arguments'), 'utf8'));
    expect(rest).toContain('--image-key');
    expect(rest).not.toContain('--buildin-image-key');
    expect((await instance.status()).build?.imageType).toBe('encrypted');
  });

  test('keeps its kind; one with the plain init has none', async () => {
    const { instance, plain } = system();
    const other = parseInitRaConfig(aecs);
    expect((await thrownBy(() => instance.writeInitRaConfig(other))).code).toBe('ERR_OCCLUM_INIT_RA');
    expect(await plain.readInitRaConfig()).toBeNull();
    expect((await thrownBy(() => plain.writeInitRaConfig(ratls))).code).toBe('ERR_OCCLUM_INIT_RA');
  });
});
