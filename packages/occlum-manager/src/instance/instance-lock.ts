import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { writeWhole } from '../files/write-whole.ts';
import { endGroup } from '../process/process-group.ts';
import { type ProcessIdentity, processIdentity, processState } from '../process/process-identity.ts';
import { endTask } from '../process/task-mark.ts';

const identity = z.strictObject({ pid: z.int().positive(), startTime: z.string(), scope: z.string() });
const recordSchema = z.strictObject({
  holder: identity.nullable(),
  action: z.string(),
  /** The process group that the holder started; ended by the next holder when the holder is dead. */
  child: identity.nullable(),
});
type LockRecord = z.infer<typeof recordSchema>;

/** The right to work with an instance, until released. */
export interface InstanceLock {
  /** Notes a process group that must not outlive the holder unseen. */
  ownsGroup(pid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock of an instance, for one action at a time over all processes.
 *
 * The lock is the file with the highest number in `folder`; making the next number (with link, which never
 * overwrites) takes it, and only when the highest names nobody or a dead process, told from a newcomer with the same
 * number by its start time. The highest file is never removed, so a slow contender always sees that it lost. A holder
 * that was killed with SIGKILL leaves the lock to the next, who first ends what the dead one had started: the process
 * group it noted, and whatever carries the mark of its task.
 *
 * @param waitMs how long to wait for a living holder; default 0
 * @throws TeeError ERR_OCCLUM_LOCKED
 */
export async function takeLock(folder: string, action: string, waitMs = 0): Promise<InstanceLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new TeeError('ERR_OCCLUM_INSTANCE', `the lock of the instance cannot be kept in ${folder}`, { cause });
  });
  const holder = processIdentity(process.pid);
  if (holder === undefined) throw new TeeError('ERR_OCCLUM_INSTANCE', '/proc cannot be read: locking needs it');
  const until = performance.now() + waitMs;
  for (;;) {
    const last = await highest(folder);
    const record = last === 0 ? undefined : await readRecord(join(folder, String(last)));
    const state = record?.holder ? processState(record.holder) : 'dead';
    if (state === 'dead') {
      const number = last + 1;
      if (await make(folder, number, { holder, action, child: record?.child ?? null })) {
        return await entered(folder, number, holder, action, record);
      }
    } else if (performance.now() >= until) {
      throw locked(record, state);
    }
    await delay(state === 'dead' ? 1 : 25);
  }
}

async function entered(
  folder: string,
  number: number,
  holder: ProcessIdentity,
  action: string,
  before: LockRecord | undefined,
): Promise<InstanceLock> {
  const file = join(folder, String(number));
  const orphan = before?.child ?? null;
  if (orphan !== null && processState(orphan) === 'alive') await endGroup(orphan.pid, 1000);
  // A holder that never released was killed, perhaps before it could note what it had started. A server may stay.
  if (before !== undefined && before.holder !== null && before.action !== 'start') await endTask(before.action, folder);
  for (const name of await readdir(folder)) {
    if (/^\d+$/.test(name) && Number(name) < number) await rm(join(folder, name), { force: true });
  }
  // Records are replaced whole and in order: a late note of a child must not undo a release.
  let written = replace(file, { holder, action, child: null });
  let released = false;
  const write = (record: LockRecord): Promise<void> => {
    written = written.catch(() => {}).then(() => replace(file, record));
    return written;
  };
  await written;
  return {
    ownsGroup: async (pid) => {
      if (!released) await write({ holder, action, child: processIdentity(pid) ?? null });
    },
    release: async () => {
      if (released) return;
      released = true;
      const free = { holder: null, action, child: null };
      // The folder may be gone: an instance may be deleted by its owner. The disk may be full: then in place.
      await write(free).catch(() => overwrite(file, free).catch(() => {}));
    },
  };
}

async function highest(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  return Math.max(0, ...numbers);
}

/** Makes lock number `number`; false when somebody else has made it or a later one. */
async function make(folder: string, number: number, record: LockRecord): Promise<boolean> {
  const draft = join(folder, `draft-${process.pid}-${randomUUID()}`);
  try {
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
    await link(draft, join(folder, String(number)));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new TeeError('ERR_OCCLUM_INSTANCE', 'the lock of the instance cannot be written', {
      actual: (cause as NodeJS.ErrnoException).code ?? 'unknown',
      hint: 'Is the disk full, or the folder read-only?',
      cause,
    });
  } finally {
    await rm(draft, { force: true });
  }
  if ((await highest(folder)) === number) return true;
  await rm(join(folder, String(number)), { force: true });
  return false;
}

async function replace(file: string, record: LockRecord): Promise<void> {
  await writeWhole(file, JSON.stringify(record), 0o600);
}

/** Writes a shorter record over one that is there, in one piece and without asking the disk for space. */
async function overwrite(file: string, record: LockRecord): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    await handle.write(JSON.stringify(record).padEnd(size), 0);
  } finally {
    await handle.close();
  }
}

async function readRecord(file: string): Promise<LockRecord | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    // Lost to a faster contender; the caller looks again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_LOCKED', 'the lock file of the instance cannot be read', {
      actual: file,
      hint: 'Make sure that nothing uses the instance, then remove the file.',
      cause,
    });
  }
}

function locked(record: LockRecord | undefined, state: 'alive' | 'unknown'): TeeError {
  const pid = record?.holder?.pid;
  const where = state === 'unknown' ? ' of another pid name space' : '';
  return new TeeError('ERR_OCCLUM_LOCKED', `process ${pid}${where} is working with the instance (${record?.action})`, {
    hint: 'Wait for it, or end that process.',
    details: { pid: pid ?? null, action: record?.action ?? null },
  });
}
