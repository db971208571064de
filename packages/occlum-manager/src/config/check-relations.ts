import { findImageLayer } from './image-layer.ts';
import type { OcclumConfig } from './schema.ts';
import { parseSize } from './size.ts';

/** One thing wrong with a configuration. */
export interface ConfigIssue {
  /** Where, e.g. "resource_limits.user_space_size". */
  readonly path: string;
  /** What is there, as JSON, cut to 80 characters. */
  readonly value: string;
  /** What is wrong and what would be right. */
  readonly problem: string;
}

const minimumCache = 192 * 1024;
const minimumExt2Disk = 5 * 1024 ** 3;

/** Checks what one field demands of another (occlum-contract §2.1 and the outcomes in §2.3). */
export function checkRelations(config: OcclumConfig): ConfigIssue[] {
  return [...limits(config), ...environment(config), ...mounts(config), ...identity(config)];
}

function* limits({ resource_limits: limit, feature }: OcclumConfig): Generator<ConfigIssue> {
  const at = (name: string): string => `resource_limits.${name}`;
  for (const [name, value, most, mostValue] of [
    ['user_space_size', limit.user_space_size, 'user_space_max_size', limit.user_space_max_size],
    [
      'kernel_space_heap_size',
      limit.kernel_space_heap_size,
      'kernel_space_heap_max_size',
      limit.kernel_space_heap_max_size,
    ],
  ] as const) {
    if (bytesOf(value) === 0) yield issue(at(name), value, 'must be more than nothing');
    if (mostValue !== undefined && bytesOf(mostValue) < bytesOf(value)) {
      yield issue(at(most), mostValue, `must not be less than ${name} (${value})`);
    }
  }
  // 16MB makes an enclave that does not load: 0x2009, issue 1385.
  if (bytesOf(limit.kernel_space_stack_size) > 8 * 1024 ** 2) {
    yield issue(
      at('kernel_space_stack_size'),
      limit.kernel_space_stack_size,
      'enclaves with more than 8MB do not load',
    );
  }
  const { init_num_of_threads: initial, max_num_of_threads: most } = limit;
  if (initial !== undefined && initial > (feature.enable_edmm === true ? Math.max(most, 4096) : most)) {
    yield issue(at('init_num_of_threads'), initial, `must not be more than max_num_of_threads (${most})`);
  }
}

function* environment({ env }: OcclumConfig): Generator<ConfigIssue> {
  const names = env.default.map((entry) => entry.slice(0, entry.indexOf('=')));
  for (const [path, list] of [
    ['env.default', names],
    ['env.untrusted', env.untrusted],
  ] as const) {
    for (const name of new Set(list.filter((entry, index) => list.indexOf(entry) !== index))) {
      yield issue(path, name, 'is named twice');
    }
  }
}

function* mounts(config: OcclumConfig): Generator<ConfigIssue> {
  const roots = config.mount.filter((mount) => mount.target === '/');
  if (roots.length !== 1 || findImageLayer(config) === undefined) {
    yield issue(
      'mount',
      roots,
      'needs one unionfs on "/" with a sefs layer with MAC, then a layer without, both on "/"',
    );
  }
  const heap = config.resource_limits.kernel_space_heap_max_size ?? config.resource_limits.kernel_space_heap_size;
  const all = config.mount.flatMap((mount, index) =>
    mount.type === 'unionfs'
      ? mount.options.layers.map((layer, at) => ({ path: `mount.${index}.options.layers.${at}`, mount: layer }))
      : [{ path: `mount.${index}`, mount }],
  );
  for (const { path, mount } of all) {
    if (mount.type === 'sefs') {
      const { cache_size: cache, temporary, MAC } = mount.options ?? {};
      const size = cache === undefined ? undefined : bytesOf(cache);
      if (size !== undefined && (size < minimumCache || size % 4096 !== 0 || size > bytesOf(heap))) {
        yield issue(`${path}.options.cache_size`, cache, `must be 192KB to ${heap} (kernel heap), a multiple of 4KB`);
      }
      if (temporary === true && MAC !== undefined) {
        yield issue(`${path}.options.temporary`, temporary, 'a measured file system cannot be made anew at each boot');
      }
    } else if (mount.type === 'ext2' && bytesOf(mount.options.disk_size) < minimumExt2Disk) {
      yield issue(`${path}.options.disk_size`, mount.options.disk_size, 'must be at least 5GB');
    }
  }
}

function* identity({ metadata }: OcclumConfig): Generator<ConfigIssue> {
  if (metadata.enable_kss) return;
  for (const name of ['family_id', 'ext_prod_id'] as const) {
    const id = metadata[name];
    if (BigInt(id.high) !== 0n || BigInt(id.low) !== 0n) {
      yield issue(`metadata.${name}`, id, 'has an effect only with metadata.enable_kss');
    }
  }
}

/** Names a fault in a configuration. */
export function issue(path: string, value: unknown, problem: string): ConfigIssue {
  const text = JSON.stringify(value) ?? 'undefined';
  return { path, value: text.length > 80 ? `${text.slice(0, 79)}…` : text, problem };
}

function bytesOf(size: string): number {
  return parseSize(size) ?? Number.NaN;
}
