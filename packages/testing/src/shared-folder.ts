import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireOrSkip } from './requirement.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * The folder of shared test material (`vectors` or `adversarial`) that lies beside the checkout, or null where it is
 * not there: use `describe.skipIf(!folder)('skipped: no vectors …')`.
 *
 * @throws when it is missing and `CI=true`: a CI run without vectors proves nothing
 */
export function sharedFolder(name: 'vectors' | 'adversarial'): string | null {
  const folder = join(root, '..', 'shared', name);
  return requireOrSkip(existsSync(folder), `the shared folder ${name}`) ? folder : null;
}
