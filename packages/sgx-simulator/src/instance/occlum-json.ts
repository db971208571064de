import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

const size = z
  .string()
  .regex(/^\d+ *(B|KB|MB|GB|TB)$/, 'a size is a whole number and one of B KB MB GB TB, e.g. "300MB"');
const u16 = z.int().min(0).max(0xffff);
const count = z.int().min(1).max(4096);
const absolute = z.string().regex(/^(?!.*\/\.\.(\/|$))\//, 'a path here is absolute and without ".."');
const hexId = z.strictObject({
  high: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/),
  low: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/),
});
const variable = z.string().regex(/^[^=\0]+=[^\0]*$/, 'an environment entry is NAME=value');

const layer = z.strictObject({
  target: absolute,
  type: z.enum(['sefs']),
  source: z.string().optional(),
  options: z.strictObject({ MAC: z.string().optional(), cache_size: size.optional() }).optional(),
});
const rootMount = z.strictObject({
  target: z.literal('/'),
  type: z.literal('unionfs'),
  options: z.strictObject({ layers: z.array(layer).length(2) }),
});
const simpleMount = z.strictObject({
  target: absolute.refine((target) => target !== '/', 'the root is mounted by the unionfs entry alone'),
  type: z.enum(['hostfs', 'ramfs', 'procfs', 'devfs'], {
    error:
      'occlum-sim mounts hostfs, ramfs, procfs and devfs beside the root (sefs, ext2 and unionfs there are not simulated)',
  }),
  source: z.string().optional(),
  options: z.strictObject({}).optional(),
});

/** Occlum.json of version 0.31 (occlum-contract §2.1), strict: a key that Occlum would silently ignore is an error. */
const schema = z.strictObject({
  resource_limits: z.strictObject({
    user_space_size: size,
    user_space_max_size: size.optional(),
    kernel_space_heap_size: size,
    kernel_space_heap_max_size: size.optional(),
    kernel_space_stack_size: size,
    max_num_of_threads: count,
    init_num_of_threads: count.optional(),
    marshal_buffer_size: size.optional(),
  }),
  process: z.strictObject({ default_stack_size: size, default_heap_size: size, default_mmap_size: size }),
  entry_points: z.array(absolute).min(1),
  env: z.strictObject({ default: z.array(variable), untrusted: z.array(z.string().regex(/^[^=\0]+$/)) }),
  metadata: z.strictObject({
    product_id: u16,
    version_number: u16,
    debuggable: z.boolean(),
    disable_log: z.boolean().optional(),
    enable_kss: z.boolean(),
    family_id: hexId,
    ext_prod_id: hexId,
  }),
  feature: z.strictObject({
    amx: z.int().min(0).max(2).optional(),
    pkru: z.int().min(0).max(2).optional(),
    io_uring: z.int().min(0).max(16).optional(),
    enable_edmm: z.boolean().optional(),
    enable_posix_shm: z.boolean().optional(),
  }),
  mount: z.array(z.union([rootMount, simpleMount])).refine((mounts) => mounts.filter(isRoot).length === 1, {
    error: 'exactly one mount is the root: a unionfs on "/" with two sefs layers',
  }),
});

/** A valid configuration. */
export type OcclumConfig = z.infer<typeof schema>;

/**
 * Reads and checks an Occlum.json.
 * @throws {TeeError} ERR_INVALID_ARGUMENT; the message names each wrong place and says what belongs there
 */
export function parseOcclumConfig(text: string): OcclumConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`not JSON: ${cause instanceof Error ? cause.message : ''}`, cause);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw invalid(z.prettifyError(result.error));
  const { layers } = rootOf(result.data).options;
  if (layers[0]?.options?.MAC === undefined || layers[1]?.options?.MAC !== undefined) {
    throw invalid(
      'mount: the first layer of the root is the image (with options.MAC), the second the writable one (without)',
    );
  }
  return result.data;
}

function rootOf(config: OcclumConfig): z.infer<typeof rootMount> {
  const root = config.mount.find(isRoot);
  if (root === undefined) throw invalid('mount: there is no root');
  return root;
}

function isRoot(mount: { type: string }): mount is z.infer<typeof rootMount> {
  return mount.type === 'unionfs';
}

function invalid(why: string, cause?: unknown): TeeError {
  return new TeeError('ERR_INVALID_ARGUMENT', `It is not a valid Occlum configuration file.\n${why}`, { cause });
}
