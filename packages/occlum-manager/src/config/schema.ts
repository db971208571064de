import * as z from 'zod';
import { mountSchema } from './mount-schema.ts';
import { sizeSchema } from './size-schema.ts';

const u32 = z.int().min(0).max(0xffff_ffff);
/** ISVPRODID and ISVSVN are 16 bits in SGX; the build would accept 70000 and cut it. */
const u16 = z.int().min(0).max(0xffff);

const hexId = z.string().regex(/^0x[0-9a-fA-F]{1,16}$/, 'must be 64 bits in hex, such as "0x1234567812345678"');
const kssId = z.strictObject({ high: hexId, low: hexId });

const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');
const assignment = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*=[^\0]*$/, 'must have the form NAME=value');

const entryPoint = z
  .string()
  .regex(/^\/[^\0]*$/, 'must be an absolute path in the image')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ".."');

/**
 * The shape of Occlum.json of Occlum 0.30.1 to 0.31 (occlum-contract §2.1). Unknown keys are refused at every level:
 * Occlum ignores them, so a misspelt limit would silently be the default. Relations between fields are the matter of
 * {@link parseOcclumConfig}.
 */
export const occlumConfigSchema = z.strictObject({
  resource_limits: z.strictObject({
    /** Memory of all programs in the enclave together. */
    user_space_size: sizeSchema,
    user_space_max_size: sizeSchema.optional(),
    /** The LibOS's own heap: file descriptors, ramfs and file system caches live there. */
    kernel_space_heap_size: sizeSchema,
    kernel_space_heap_max_size: sizeSchema.optional(),
    kernel_space_stack_size: sizeSchema,
    /** Every thread of every program, and one of the LibOS. */
    max_num_of_threads: u32.min(2),
    init_num_of_threads: u32.optional(),
    marshal_buffer_size: sizeSchema.optional(),
  }),
  process: z.strictObject({
    default_stack_size: sizeSchema,
    default_heap_size: sizeSchema,
    /** Without effect, yet mandatory. */
    default_mmap_size: sizeSchema,
  }),
  /** Programs that may be started from outside: path prefixes, compared by component. */
  entry_points: z.array(entryPoint).min(1, 'at least one path, or nothing can be started'),
  env: z.strictObject({
    /** Trusted and measured. */
    default: z.array(assignment),
    /** Names that the host may set; they replace a default of the same name. */
    untrusted: z.array(environmentName),
  }),
  metadata: z.strictObject({
    product_id: u16,
    version_number: u16,
    /** True: a debugger on the host can read the whole enclave. */
    debuggable: z.boolean(),
    disable_log: z.boolean().optional(),
    enable_kss: z.boolean(),
    family_id: kssId,
    ext_prod_id: kssId,
  }),
  feature: z.strictObject({
    /** 0 off, 1 on, 2 if the processor has it. */
    amx: z.int().min(0).max(2).optional(),
    pkru: z.int().min(0).max(2).optional(),
    /** Number of io_uring instances for internet sockets; since Occlum 0.31. */
    io_uring: z.int().min(0).max(16).optional(),
    enable_edmm: z.boolean().optional(),
    enable_posix_shm: z.boolean().optional(),
  }),
  mount: z.array(mountSchema),
});

/** Occlum.json, with the field names of Occlum. */
export type OcclumConfig = z.infer<typeof occlumConfigSchema>;
