import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { isAlive } from '../process/is-alive.ts';
import { type PlatformState, parseState } from './state.ts';

const fileName = 'platform.json';

/** Reads the state in a folder; null when there is none yet. @throws {TeeError} ERR_SIMULATOR_STATE for a damaged one. */
export async function readState(folder: string): Promise<PlatformState | null> {
  try {
    return parseState(await readFile(join(folder, fileName), 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * Makes a new state folder (mode 0700), whole or not at all: it is written beside its place and renamed. When another
 * process was faster its state is returned. What a killed process left half-written is removed.
 *
 * @throws {TeeError} ERR_SIMULATOR_STATE when the folder exists with something else in it
 */
export async function createState(folder: string, make: () => PlatformState): Promise<PlatformState> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const prefix = `.${basename(folder)}.new-`;
  await removeLeftovers(parent, prefix);
  const staged = join(parent, `${prefix}${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(staged, { mode: 0o700 });
    await writeDurably(join(staged, fileName), make());
    await rename(staged, folder);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
  const state = await readState(folder);
  if (state !== null) return state;
  throw new TeeError('ERR_SIMULATOR_STATE', `${folder} holds something else than a simulated platform.`, {
    hint: 'Name a folder that does not exist yet, or an empty one.',
  });
}

/** Replaces the state in an existing folder; a crash leaves the old state or the new one. */
export async function replaceState(folder: string, state: PlatformState): Promise<void> {
  const staged = join(folder, `.${fileName}.${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await writeDurably(staged, state);
    await rename(staged, join(folder, fileName));
  } finally {
    await rm(staged, { force: true });
  }
}

async function writeDurably(path: string, state: PlatformState): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
