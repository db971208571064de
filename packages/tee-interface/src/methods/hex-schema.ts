import * as z from 'zod';

/** So many bytes as lower-case hex. */
export function hex(bytes: number): z.ZodType<string> {
  return z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
}
