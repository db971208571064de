import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatSize,
  type OcclumConfig,
  occlumConfig,
  occlumConfigText,
  type PresetName,
  parseOcclumConfig,
  parseOcclumJson,
  parseSize,
  presets,
} from '../../src/index.ts';

const good = occlumConfig({ preset: 'native' });

/** The configuration with one value at a path replaced (or, undefined, removed). */
function changed(path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(good);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let place = copy;
  for (const key of keys) place = Reflect.get(Object(place), key);
  if (value === undefined) Reflect.deleteProperty(Object(place), last);
  else Reflect.set(Object(place), last, value);
  return copy;
}

async function issuesOf(value: unknown): Promise<{ path: string; value: string; problem: string }[]> {
  const error = await thrownBy(() => parseOcclumConfig(value));
  expect(error.code).toBe('ERR_OCCLUM_CONFIG');
  return (error.details as { issues: { path: string; value: string; problem: string }[] }).issues;
}

describe('a preset', () => {
  test.each(Object.keys(presets) as PresetName[])('%s makes a configuration for production', (preset) => {
    const config = occlumConfig({ preset });
    expect(config.metadata.debuggable).toBe(false);
    expect(config.mount.map(({ type }) => type)).toEqual(['unionfs']);
    expect(config.env.untrusted).toEqual([]);
    expect(parseOcclumJson(occlumConfigText(config))).toEqual(config);
  });

  test('takes figures, environment, identity and mounts', () => {
    const config = occlumConfig({
      preset: 'java',
      entryPoints: ['/usr/lib/jvm'],
      env: { LANG: 'C.UTF-8' },
      untrustedEnv: ['PORT'],
      productId: 7,
      securityVersion: 3,
      allowDebug: true,
      limits: { max_num_of_threads: 128 },
      kss: { family_id: { high: '0x1', low: '0x2' }, ext_prod_id: { high: '0x0', low: '0x3' } },
      mounts: [{ type: 'ramfs', target: '/tmp' }],
    });
    expect(config.resource_limits).toMatchObject({ user_space_size: '1680MB', max_num_of_threads: 128 });
    expect(config.env).toEqual({ default: ['LANG=C.UTF-8'], untrusted: ['PORT'] });
    expect(config.metadata).toMatchObject({ product_id: 7, version_number: 3, debuggable: true, enable_kss: true });
    expect(config.mount).toHaveLength(2);
  });
});

describe('issue 1569: what Occlum accepts at build and dies of at run, or ignores, is refused with path and value', () => {
  const root = 'mount.0.options.layers';
  test.each<[string, unknown]>([
    ['resource_limits.user_space_size', '300'],
    ['resource_limits.user_space_size', '0MB'],
    ['resource_limits.kernel_space_heap_size', '32 MiB'],
    ['resource_limits.kernel_space_stack_size', '1.5MB'],
    ['resource_limits.kernel_space_stack_size', '16MB'],
    ['resource_limits.user_space_max_size', '299MB'],
    ['resource_limits.kernel_space_heap_max_size', '31MB'],
    ['resource_limits.init_num_of_threads', 33],
    ['resource_limits.max_num_of_threads', '32'],
    ['resource_limits.user_space_sizes', '1GB'],
    ['process.default_mmap_size', undefined],
    ['entry_points', '/bin'],
    ['entry_points', []],
    ['entry_points.0', 'bin'],
    ['entry_points.0', '/bin/../etc'],
    ['env.default', { OCCLUM: 'yes' }],
    ['env.default.0', 'OCCLUM'],
    ['env.untrusted.0', 'A=b'],
    ['metadata.product_id', 70_000],
    ['metadata.debuggable', 'false'],
    ['metadata.family_id.high', '1234'],
    ['metadata.family_id.low', '0x1'],
    ['metadata.pkru', 1],
    ['feature', undefined],
    ['feature.io_uring', 17],
    ['feature.pkru', true],
    ['mount.0.type', 'unionf'],
    ['mount.0.target', 'root'],
    [`${root}.0.options.MAC`, undefined],
    [`${root}.1.options`, { MAC: '' }],
    [`${root}.1.options`, { cache_size: '4KB' }],
    [`${root}.1.options`, { cache_size: '193KB' }],
    [`${root}.0.options.temporary`, true],
    [`${root}.1`, undefined],
    ['mount', []],
    ['mount.1', { type: 'hostfs', target: '/host' }],
    ['mount.1', { type: 'ext2', target: '/data', options: { disk_size: '1GB' } }],
    ['mount.1', { type: 'ramfs', target: '/' }],
    ['untrusted_unix_socks', []],
  ])('%s = %j', async (path, value) => {
    const issues = await issuesOf(changed(path, value));
    expect(issues.length).toBeGreaterThan(0);
    const parent = path
      .split('.')
      .slice(0, path.startsWith('mount') ? 1 : -1)
      .join('.');
    expect(issues.some((issue) => issue.path.startsWith(parent))).toBe(true);
    for (const issue of issues) expect(issue.problem).not.toBe('');
  });

  test('every fault is told at once', async () => {
    const value = { ...(changed('metadata.product_id', -1) as OcclumConfig), entry_points: ['bin'] };
    const paths = (await issuesOf(value)).map(({ path }) => path);
    expect(new Set(paths)).toEqual(new Set(['entry_points.0', 'metadata.product_id']));
  });

  test('§2.2: a field in its old place is told its new one', async () => {
    expect((await issuesOf(changed('metadata.amx', 1)))[0]?.problem).toContain('feature.amx');
  });

  test('comments are not JSON', async () => {
    expect((await thrownBy(() => parseOcclumJson('{ /* a */ }'))).code).toBe('ERR_OCCLUM_CONFIG');
  });

  test('whatever comes in, it is a configuration or an ERR_OCCLUM_CONFIG', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          parseOcclumConfig(value);
          return false;
        } catch (error) {
          return (error as { code?: string }).code === 'ERR_OCCLUM_CONFIG';
        }
      }),
    );
  });
});

describe('a size', () => {
  test('is whole, with a unit that Occlum knows', () => {
    expect(['4KB', '4 KB', '1TB', '12B'].map(parseSize)).toEqual([4096, 4096, 1024 ** 4, 12]);
    for (const text of ['', '4', '4kb', '4KiB', '4G', '-4KB', '1.5MB', ' 4KB', '4KB ', '0x4KB', '9999999999999TB']) {
      expect(parseSize(text)).toBeUndefined();
    }
  });

  test('is written so that it reads back the same', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes || bytes > 9e12));
    expect([formatSize(2 * 1024 ** 3), formatSize(1536), formatSize(0)]).toEqual(['2GB', '1536B', '0B']);
  });
});
