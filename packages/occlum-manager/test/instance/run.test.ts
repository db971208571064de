import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { processesWith, until } from '../support/processes.ts';
import { scriptInstance } from '../support/script-instance.ts';

const scripts = {
  hello: 'echo "hello $1 $GREETING"; echo noise >&2',
  exit: 'exit "$1"',
  die: 'kill -"$1" $$',
  sleep: 'echo ready; sleep 600',
  stubborn: "trap '' TERM; echo ready; while :; do sleep 600; done",
  flood: 'head -c "$1" /dev/zero',
};

async function built() {
  const made = await scriptInstance(scripts);
  await made.instance.build({ signKey: made.signKey });
  return made;
}

describe('a program', () => {
  test('gets its arguments and the variables that Occlum.json lets in; its output streams', async () => {
    const { instance } = await built();
    let output = '';
    const program = await instance.run('/bin/hello', ['you'], {
      env: { GREETING: 'ahoy' },
      stdout: (chunk) => {
        output += Buffer.from(chunk).toString();
      },
    });
    const report = await program.exited;
    expect(report).toMatchObject({ kind: 'exited', code: 0, stderrTail: 'noise\n', diagnosis: null });
    expect(output).toBe('hello you ahoy\n');
  });

  test('trap 9: its exit code arrives with 7 bits only', async () => {
    const { instance } = await built();
    for (const [code, arrives] of [
      [0, 0],
      [1, 1],
      [7, 7],
      [127, 127],
      [128, 0],
      [255, 127],
    ]) {
      const report = await (await instance.run('/bin/exit', [String(code)])).exited;
      expect([code, report.kind, report.code]).toEqual([code, 'exited', arrives]);
    }
  });

  test('is reported with the signal it died of, by run and by exec', async () => {
    const { instance } = await built();
    for (const [name, signal] of [
      ['KILL', 'SIGKILL'],
      ['SEGV', 'SIGSEGV'],
      ['TERM', 'SIGTERM'],
    ] as const) {
      const run = await (await instance.run('/bin/die', [name])).exited;
      const exec = await (await instance.exec('/bin/die', [name])).exited;
      expect([run.kind, run.signal, exec.kind, exec.signal]).toEqual(['killed', signal, 'killed', signal]);
    }
  });

  test('trap 9: exec tells the code through its last line', async () => {
    const { instance } = await built();
    const report = await (await instance.exec('/bin/exit', ['7'])).exited;
    expect(report).toMatchObject({ kind: 'exited', code: 7, signal: null });
  });

  test('is ended with everything it started, and only that', async () => {
    const { instance, folder } = await built();
    const program = await instance.run('/bin/sleep');
    await until(() => processesWith(`${folder}`).length > 0, 'the program');
    await program.stop({ graceMs: 2000 });
    expect((await program.exited).kind).toBe('killed');
    expect(processesWith(folder)).toEqual([]);
  });

  test('that ignores SIGTERM is killed after the grace time', async () => {
    const { instance, folder } = await built();
    let ready = false;
    const program = await instance.run('/bin/stubborn', [], {
      stdout: () => {
        ready = true;
      },
    });
    await until(() => ready, 'the program');
    const before = Date.now();
    await program.stop({ graceMs: 200 });
    expect(Date.now() - before).toBeGreaterThanOrEqual(195);
    expect((await program.exited).kind).toBe('killed');
    expect(processesWith(folder)).toEqual([]);
  });

  test('is ended by an AbortSignal', async () => {
    const { instance } = await built();
    const controller = new AbortController();
    const program = await instance.run('/bin/sleep', [], {
      signal: controller.signal,
      stdout: () => controller.abort(),
    });
    expect((await program.exited).kind).toBe('killed');
    const error = await thrownBy(() => instance.run('/bin/sleep', [], { signal: controller.signal }));
    expect(error.code).toBe('ERR_OCCLUM_ABORTED');
  });

  test('that floods its output is passed through in constant memory', async () => {
    const { instance } = await built();
    const before = process.memoryUsage().rss;
    let seen = 0;
    const program = await instance.run('/bin/flood', [String(256 << 20)], {
      stdout: (chunk) => {
        seen += chunk.length;
      },
    });
    const report = await program.exited;
    expect(seen).toBe(256 << 20);
    expect(report.stdoutTail.length).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  test('may write to a file of its own', async () => {
    const { instance, folder } = await built();
    const file = join(folder, 'out.log');
    await (await instance.run('/bin/hello', ['file'], { stdout: { file } })).exited;
    expect(readFileSync(file, 'utf8')).toBe('hello file \n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('what cannot work is refused before an enclave is made', () => {
  test.each([
    ['issue 397: a relative path', 'bin/hello'],
    ['a path with ..', '/bin/../bin/hello'],
    ['issue 1335: a path outside the entry points', '/etc/hello'],
    ['an entry point is compared by whole components', '/binary/hello'],
    ['issue 1698: a program that is not in the image', '/bin/bash'],
  ])('%s', async (_, program) => {
    const { instance } = await built();
    expect((await thrownBy(() => instance.run(program))).code).toBe('ERR_INVALID_ARGUMENT');
  });

  test('issue 1368: a variable that Occlum.json does not let in, or that steers occlum', async () => {
    const { instance } = await built();
    for (const env of [{ SECRET: 'x' }, { LD_PRELOAD: '/x.so' }, { SGX_MODE: 'HW' }, { OCCLUM_SIM_X: '' }] as Record<
      string,
      string
    >[]) {
      expect((await thrownBy(() => instance.run('/bin/hello', [], { env }))).code).toBe('ERR_INVALID_ARGUMENT');
    }
  });

  test('an instance that is not built', async () => {
    const { instance } = await scriptInstance(scripts);
    expect((await thrownBy(() => instance.run('/bin/hello'))).code).toBe('ERR_OCCLUM_NOT_BUILT');
  });

  test('issue 547: a second program while one runs; afterwards it may', async () => {
    const { instance, manager } = await built();
    const program = await instance.run('/bin/sleep');
    const other = await manager.openInstance(instance.dir);
    expect((await thrownBy(() => other.run('/bin/hello'))).code).toBe('ERR_OCCLUM_LOCKED');
    expect((await thrownBy(() => instance.build({ signKey: '/x' }))).code).toBe('ERR_OCCLUM_LOCKED');
    const waiting = other.run('/bin/exit', ['3'], { lockWaitMs: 5000 });
    await program.stop({ graceMs: 500 });
    expect((await (await waiting).exited).code).toBe(3);
  });
});

describe('failures of the launcher are told apart from the program’s', () => {
  test.each([
    ['[ERROR] occlum-pal: Failed to create enclave with error code 0x2006: No device (line 152)', 1, /device/],
    ['[ERROR] occlum-pal: Failed to create enclave with error code 0x1003: Out of TCS (line 152)', 1, /thread/],
    ['failed to boot up LibOS: EACCES (#13, Permission denied): program path is NOT a valid entry point', 127, /entry/],
    ['failed to boot up LibOS: ENOEXEC: unknown executable file format', 127, /position-independent/],
  ])('%s', async (runStderr, runExit, meaning) => {
    const { instance, fake } = await built();
    fake.behave({ runStderr, runExit });
    const report = await (await instance.run('/bin/hello')).exited;
    expect(report).toMatchObject({ kind: 'failed', code: null });
    expect(report.diagnosis?.meaning).toMatch(meaning);
  });

  test('issue 1272: a lost enclave may be started again', async () => {
    const { instance, fake } = await built();
    fake.behave({ runStderr: '[ERROR] occlum-pal: Failed to create enclave with error code 0x4: lost', runExit: 1 });
    expect((await (await instance.run('/bin/hello')).exited).diagnosis?.restartable).toBe(true);
  });
});
