import * as z from 'zod';
import { parseSize } from './size.ts';

/** An Occlum size string, see {@link parseSize}. */
export const sizeSchema = z
  .string()
  .refine((text) => parseSize(text) !== undefined, 'must be a whole number with the unit B, KB, MB, GB or TB');
