import { constants, existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** What of a built instance is needed to run it; its image is in the build. What Occlum packages, too (`occlum package`). */
const parts = ['run', 'initfs', 'Occlum.json', '.__occlum_status', '.sgx_mode', 'build'];

/**
 * Another folder with the same build, so that two enclaves of it run at once: an instance runs one program at a time
 * (occlum-contract §1.7). It measures to the same. A copy that is there and of the same build is taken as it is.
 *
 * @returns true when it was copied anew
 * @throws {TeeError} ERR_OCCLUM_NOT_BUILT when there is no build, or it changed while it was copied
 */
export async function copyInstance(from: string, to: string): Promise<boolean> {
  const marker = await markerOf(from);
  if (marker === null) throw notBuilt(from, 'there is no build');
  if (marker === (await markerOf(to))) return false;
  const draft = join(dirname(to), `.${basename(to)}.draft`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  for (const part of parts) {
    if (!existsSync(join(from, part))) continue;
    await cp(join(from, part), join(draft, part), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !path.endsWith('.sock'),
    });
  }
  if (marker !== (await markerOf(from)) || marker !== (await markerOf(draft))) {
    await rm(draft, { recursive: true, force: true });
    throw notBuilt(from, 'it was built anew while it was copied');
  }
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
  return true;
}

/** What the manager notes last about a whole build. */
async function markerOf(dir: string): Promise<string | null> {
  return readFile(join(dir, 'build', 'manager.json'), 'utf8').catch(() => null);
}

function notBuilt(dir: string, actual: string): TeeError {
  return new TeeError('ERR_OCCLUM_NOT_BUILT', `The instance ${dir} could not be copied for another enclave.`, {
    actual,
  });
}
