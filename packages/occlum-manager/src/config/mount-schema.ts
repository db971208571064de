import * as z from 'zod';
import { sizeSchema } from './size-schema.ts';

const target = z.string().regex(/^\//, 'must be an absolute path in the image');

const sefsOptions = z.strictObject({
  /** The measured MAC of a read-only layer; the build fills it in, so it is the empty string or a MAC. */
  MAC: z.string().optional(),
  /** True: the file system is made anew at each boot. */
  temporary: z.boolean().optional(),
  cache_size: sizeSchema.optional(),
});

const sefs = z.strictObject({
  type: z.literal('sefs'),
  target,
  source: z.string().min(1).optional(),
  options: sefsOptions.optional(),
});

const hostfs = z.strictObject({ type: z.literal('hostfs'), target, source: z.string().min(1) });

const ext2 = z.strictObject({
  type: z.literal('ext2'),
  target,
  source: z.string().min(1).optional(),
  options: z.strictObject({ disk_size: sizeSchema, temporary: z.boolean().optional() }),
});

const plain = z.strictObject({ type: z.enum(['ramfs', 'devfs', 'procfs']), target });

const layer = z.discriminatedUnion('type', [sefs, ext2]);

const unionfs = z.strictObject({
  type: z.literal('unionfs'),
  target,
  options: z.strictObject({ layers: z.array(layer).length(2, 'a unionfs has an image layer and a container layer') }),
});

/**
 * One entry of `mount` (occlum-contract §2.1). Stricter than the build, as strict as the LibOS: a typo in `type` or a
 * relative target passes `occlum build` and then ends every program with a SIGILL (§2.3, issue 1569).
 */
export const mountSchema = z.discriminatedUnion('type', [unionfs, sefs, hostfs, ext2, plain]);

/** One mounted file system of an instance. */
export type OcclumMount = z.infer<typeof mountSchema>;
