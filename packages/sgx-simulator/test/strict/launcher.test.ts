import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launcherExecutable } from '../../src/strict/launcher.ts';
import { seccompFilter } from '../../src/strict/seccomp-filter.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-launcher-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function launcher(name: string, limits: Partial<Parameters<typeof launcherExecutable>[0]> = {}): string {
  const path = join(folder, name);
  const file = launcherExecutable({ addressSpace: 2 ** 30, filter: seccompFilter(), ...limits });
  writeFileSync(path, file, { mode: 0o755 });
  return path;
}

describe.skipIf(process.arch !== 'x64')('the launcher of strict programs', () => {
  test('becomes the program, with its own argv[0], arguments, environment and exit code', () => {
    const script = 'echo "$0 $1 $GREETING"; exit 7';
    const result = spawnSync(launcher('plain'), ['/bin/sh', 'renamed', '-c', script, 'zero', 'one'], {
      env: { GREETING: 'ahoy' },
      encoding: 'utf8',
    });
    expect(result).toMatchObject({ status: 7, stdout: 'zero one ahoy\n' });
    const name = spawnSync(launcher('name'), ['/bin/cat', 'renamed', '/proc/self/cmdline'], { encoding: 'utf8' });
    expect(name.stdout).toBe('renamed\0/proc/self/cmdline\0');
  });

  test('limits the address space, for good', () => {
    const result = spawnSync(
      launcher('small', { addressSpace: 300 * 2 ** 20 }),
      ['/bin/cat', 'cat', '/proc/self/limits'],
      {
        encoding: 'utf8',
      },
    );
    expect(result.stdout).toMatch(/Max address space +314572800 +314572800/);
  });

  test('installs the filter and gives up all ways to more privileges', () => {
    const { stdout } = spawnSync(launcher('status'), ['/bin/cat', 'cat', '/proc/self/status'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
    expect(stdout).toMatch(/^Seccomp:\t2$/m);
  });

  test('exits with 127 for a program that is not there, and when a limit is refused', () => {
    expect(spawnSync(launcher('none'), ['/no/such/program', 'x']).status).toBe(127);
    // The kernel takes no empty program.
    expect(spawnSync(launcher('refused', { filter: new Uint8Array(0) }), ['/bin/true', 'true']).status).toBe(127);
  });
});
