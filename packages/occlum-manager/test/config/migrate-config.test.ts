import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { migrateConfig, occlumConfig, parseConfigFor } from '../../src/index.ts';

const good = occlumConfig({ preset: 'native' });
const { feature: _, ...without } = good;

describe('an old Occlum.json', () => {
  test('§2.2: has pkru and amx moved, and a feature object made', () => {
    const old = { ...without, metadata: { ...good.metadata, pkru: 2, amx: 0 } };
    const before = structuredClone(old);
    const { config, changes } = migrateConfig(old);
    expect(config.feature).toEqual({ pkru: 2, amx: 0 });
    expect(config.metadata).toEqual(good.metadata);
    expect(changes).toHaveLength(3);
    expect(old).toEqual(before);
  });

  test('of today is left as it is', () => {
    expect(migrateConfig(good)).toEqual({ config: good, changes: [] });
  });

  test('that says two things about one field is refused', async () => {
    const both = { ...good, metadata: { ...good.metadata, pkru: 1 }, feature: { pkru: 2 } };
    expect((await thrownBy(() => migrateConfig(both))).code).toBe('ERR_OCCLUM_CONFIG');
    const agreeing = { ...good, metadata: { ...good.metadata, pkru: 2 }, feature: { pkru: 2 } };
    expect(migrateConfig(agreeing).config.feature).toEqual({ pkru: 2 });
  });

  test('of the 1.0 preview is another file', async () => {
    const error = await thrownBy(() => migrateConfig({ ...good, untrusted_unix_socks: [] }));
    expect([error.code, error.message]).toEqual(['ERR_OCCLUM_CONFIG', expect.stringContaining('Occlum.yaml')]);
  });

  test('whatever comes in, it is a configuration or an ERR_OCCLUM_CONFIG', () => {
    const near = fc.record({ metadata: fc.anything(), feature: fc.anything() }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), near), (value) => {
        try {
          migrateConfig(value);
          return false;
        } catch (error) {
          return (error as { code?: string }).code === 'ERR_OCCLUM_CONFIG';
        }
      }),
    );
  });
});

describe('a version of Occlum', () => {
  const limit = (change: object) => ({ ...good, resource_limits: { ...good.resource_limits, ...change } });
  const { user_space_max_size: __, ...limits } = good.resource_limits;
  const plain = { ...good, resource_limits: limits };

  test.each([
    ['0.30.1', { ...good, feature: { io_uring: 1 } }, '0.31.0'],
    ['0.30.0', { ...good, feature: { pkru: 1 } }, '0.30.1'],
    ['0.30.0', { ...good, feature: { amx: 2 } }, '0.30.1'],
    ['0.29.7', { ...plain, feature: { enable_edmm: true } }, '0.30.0'],
    ['0.29.7', limit({ kernel_space_heap_max_size: '64MB' }), '0.30.0'],
    ['0.29.7', good, '0.30.0'],
  ])('%s is refused a field that it would ignore', async (version, value, since) => {
    const error = await thrownBy(() => parseConfigFor(version, value));
    expect([error.code, error.message]).toEqual(['ERR_OCCLUM_CONFIG', expect.stringContaining(version)]);
    expect(parseConfigFor(since, value)).toEqual(value);
  });

  test('takes what switches nothing on, whatever its age', () => {
    expect(parseConfigFor('0.29.1', { ...plain, feature: { pkru: 0, enable_edmm: false } })).toBeDefined();
    expect(migrateConfig({ ...good, feature: { io_uring: 4 } }, { occlumVersion: '0.31.0' }).changes).toEqual([]);
  });

  test('has three numbers', async () => {
    for (const version of ['', '31', '0.31', '0.31.0-rc', 'x.y.z']) {
      expect((await thrownBy(() => parseConfigFor(version, good))).code).toBe('ERR_INVALID_ARGUMENT');
    }
  });
});
