import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { OcclumConfig } from '../config/schema.ts';
import { isBelow } from '../image/entry-points.ts';
import { resolveInImage } from '../image/image-path.ts';

/**
 * Checks a program path as the LibOS will, before an enclave is made for nothing (occlum-contract §1.6, issues 397,
 * 1335, 1698): absolute, no "..", below an entry point by whole components, and in the image.
 *
 * @param image image folder; where it was not kept, what is in the image cannot be said
 * @throws TeeError ERR_INVALID_ARGUMENT
 */
export function checkProgramPath(program: string, config: OcclumConfig, image: string): void {
  if (!program.startsWith('/') || program.includes('\0') || program.split('/').includes('..')) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'a program is named by its absolute path in the image, without ".."', {
      actual: JSON.stringify(program),
    });
  }
  if (!isBelow(program, config.entry_points)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `${program} is not below an entry point`, {
      expected: config.entry_points.join(', '),
      hint: 'Add it to entry_points in Occlum.json and build again.',
    });
  }
  if (existsSync(image) && resolveInImage(image, program) === null) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `${program} is not in the image`, {
      actual: neighbours(program, image),
      hint: 'A path of the host means nothing inside. Copy the program into the image and build again.',
    });
  }
}

/** What the image has in the folder where the program was looked for, at most ten names. */
function neighbours(program: string, image: string): string {
  const folder = posix.dirname(program);
  const place = resolveInImage(image, folder);
  const names = place === null ? [] : readdirSync(place).sort();
  const more = names.length > 10 ? ', …' : '';
  return `in ${folder}: ${names.slice(0, 10).join(', ') || 'nothing'}${more}`;
}
