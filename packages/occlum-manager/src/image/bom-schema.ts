import * as z from 'zod';

const text = z.string().min(1).max(4096);

const file = z.union([
  text,
  z.strictObject({
    name: text,
    /** SHA-256 of the file, upper-case hex as copy_bom wants it. */
    hash: z
      .string()
      .regex(/^[0-9A-F]{64}$/, 'must be the SHA-256 in upper-case hex')
      .optional(),
    /** False: the libraries it needs are not copied with it. */
    autodep: z.boolean().optional(),
    rename: text.optional(),
  }),
]);

const copy = z.strictObject({
  from: z.string().max(4096).optional(),
  /** With a trailing slash the contents of the folder, without it the folder itself. */
  dirs: z.array(text).optional(),
  files: z.array(file).optional(),
});

const target = z.strictObject({
  target: text.regex(/^\//, 'must be an absolute path in the image'),
  mkdirs: z.array(text).nullish(),
  createlinks: z.array(z.strictObject({ src: text, linkname: text })).nullish(),
  copy: z.array(copy).nullish(),
});

/**
 * The whole grammar of a bom.yaml (occlum-contract §3). copy_bom ignores keys it does not know; here they are refused,
 * since an ignored line leaves something out of the image.
 */
export const bomSchema = z.strictObject({
  includes: z.array(text).nullish(),
  /** Names left out of folders that this bom (not an included one) copies. */
  excludes: z.array(text).nullish(),
  targets: z.array(target).nullish(),
});

/** A decoded bom.yaml. */
export type Bom = z.infer<typeof bomSchema>;
