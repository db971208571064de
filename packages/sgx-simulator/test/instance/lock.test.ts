import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isHeld, noteSandbox, takeLock } from '../../src/instance/lock.ts';
import { startTime } from '../../src/process/is-alive.ts';
import { until } from '../support/sim.ts';

let folder: string;
let lock: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function sleeper(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  started.push(child);
  return child.pid ?? 0;
}

const lineOf = (pid: number) => `${pid} ${startTime(pid)}\n`;

async function ended(pid: number): Promise<string> {
  const line = lineOf(pid);
  process.kill(pid, 'SIGKILL');
  await until(() => startTime(pid) === null);
  return line;
}

describe('the lock of an instance', () => {
  test('is held by one until it gives it back', () => {
    const release = takeLock(lock);
    expect(release).not.toBeNull();
    expect(isHeld(lock)).toBe(true);
    expect(takeLock(lock)).toBeNull();
    release?.();
    expect(isHeld(lock)).toBe(false);
    expect(existsSync(lock)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is taken over from an owner that is gone, and not from one that lives', async () => {
    const pid = sleeper();
    writeFileSync(lock, lineOf(pid));
    expect(takeLock(lock)).toBeNull();
    expect(readFileSync(lock, 'utf8')).toBe(lineOf(pid));
    await ended(pid);
    expect(takeLock(lock)).not.toBeNull();
    expect(readFileSync(lock, 'utf8')).toBe(lineOf(process.pid));
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  test('is not held by a process that got the number of its owner', () => {
    writeFileSync(lock, `${process.pid} 1\n`);
    expect(isHeld(lock)).toBe(false);
    for (const text of ['', '\n', 'x', '1', '-1 5']) {
      writeFileSync(lock, text);
      expect(isHeld(lock)).toBe(false);
    }
  });

  test('is taken over only when the sandbox of its owner is gone, too', async () => {
    const [owner, sandbox] = [sleeper(), sleeper()];
    writeFileSync(lock, lineOf(owner));
    noteSandbox(lock, sandbox);
    await ended(owner);
    expect(startTime(sandbox)).not.toBeNull();
    expect(takeLock(lock)).not.toBeNull();
    expect(startTime(sandbox)).toBeNull();
  });
});

describe('a process that was killed', () => {
  test('counts as gone from its first moment on the way out, though its number is still there', async () => {
    // Many rounds: between exit and zombie lies a moment, which a busy machine makes long.
    for (let round = 0; round < 20; round += 1) {
      const pid = sleeper();
      await until(() => readCommandLine(pid) !== '');
      process.kill(pid, 'SIGKILL');
      await until(() => readCommandLine(pid) === '');
      expect(startTime(pid)).toBeNull();
    }
  });
});

/** Empty once the process has given up its memory, which is after it began to exit and before it is a zombie. */
function readCommandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
