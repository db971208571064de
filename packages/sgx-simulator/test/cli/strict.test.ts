import { closeSync, existsSync, mkdirSync, openSync, readSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, hasCompiler } from '../support/c-program.ts';
import { gatherBinary } from '../support/gather-binary.ts';
import { processesWith, SimWorld, until, userNamespacesWork } from '../support/sim.ts';

const rooted = requireOrSkip(userNamespacesWork(), 'user namespaces');
const compiler = requireOrSkip(hasCompiler(), 'gcc');
const python = requireOrSkip(existsSync('/usr/bin/python3'), 'Python in /usr/bin');
const x64 = process.arch === 'x64';

/** Tells what the kernel answers: one `name=errno` a line, 0 for what is given. */
const probe = `
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static void *body(void *x) { return x; }
static void tell(const char *name, long result) { printf("%s=%d\\n", name, result < 0 ? errno : 0); fflush(stdout); }
int main(int argc, char **argv) {
  printf("argv0=%s\\n", argv[0]);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(0);
  tell("fork", child);
  char *words[] = {"sh", "-c", "exit 3", 0};
  int status = 0;
  int error = posix_spawn(&child, "/bin/sh", 0, 0, words, environ);
  if (error == 0) waitpid(child, &status, 0);
  printf("spawn=%d,%d\\n", error, WEXITSTATUS(status));
  pthread_t thread;
  error = pthread_create(&thread, 0, body, 0);
  if (error == 0) pthread_join(thread, 0);
  printf("thread=%d\\n", error);
  tell("getrusage", syscall(98, 0, 0));
  tell("memfd", syscall(319, "x", 0));
  tell("io_uring", syscall(425, 1, 0));
  tell("dgram", socket(AF_UNIX, SOCK_DGRAM, 0));
  tell("stream", socket(AF_UNIX, SOCK_STREAM, 0));
  tell("tcp", socket(AF_INET, SOCK_STREAM, 0));
  tell("dumpable", prctl(PR_GET_DUMPABLE));
  tell("name", prctl(PR_SET_NAME, "probe"));
  tell("1GB", mmap(0, 1ul << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  tell("64MB", mmap(0, 1ul << 26, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  return 9;
}`;

const threads = `
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static void *body(void *x) { sleep(20); return x; }
int main(int argc, char **argv) {
  pthread_t thread;
  for (int i = 1; i < atoi(argv[1]); i++) pthread_create(&thread, 0, body, 0);
  if (argc > 2) return 0;
  sleep(20);
  return 0;
}`;

const plain = 'int main(void) { return 5; }';

let world: SimWorld;
let instance: string;

beforeAll(async () => {
  world = new SimWorld();
  instance = await world.instance('strict', (config) => ({
    ...config,
    entry_points: ['/bin', '/host', '/scripts'],
    resource_limits: { ...config.resource_limits, max_num_of_threads: 8 },
  }));
  const bin = join(instance, 'image/bin');
  if (compiler) {
    buildProgram(join(bin, 'probe'), probe);
    buildProgram(join(bin, 'threads'), threads);
    buildProgram(join(bin, 'plain'), plain);
    buildProgram(join(bin, 'no-pie'), plain, ['-no-pie']);
    buildProgram(join(bin, 'static'), plain, ['-static']);
    buildProgram(join(bin, 'static-pie'), plain, ['-static-pie']);
    buildProgram(join(bin, 'strange'), plain, ['-Wl,--dynamic-linker=/lib/nobody.so']);
    buildProgram(join(instance, 'hosted'), plain);
  }
  mkdirSync(join(instance, 'image/scripts'));
  for (const [name, line] of Object.entries(scripts)) {
    writeFileSync(join(instance, 'image/scripts', name), `${line}\nexit 6\n`, { mode: 0o755 });
  }
  const built = await world.sim(instance, ['build', '-f']);
  if (built.code !== 0) throw new Error(built.stderr);
});
afterAll(() => world.remove());

const scripts = {
  good: '#!/bin/sh',
  argument: '#!/bin/sh -e',
  env: '#!/bin/env sh',
  relative: '#!sh',
  long: `#!/${'./'.repeat(70)}bin/sh`,
  absent: '#!/bin/nobody',
  hosted: '#!/host/hosted',
};

const strict = (...words: string[]) => world.sim(instance, ['--strict', ...words]);
const valuesOf = (stdout: string) =>
  Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );

describe.skipIf(!x64 || !compiler).each([
  { mode: 'rooted', flags: [] as string[], skip: !rooted },
  { mode: 'un-rooted', flags: ['--no-rootfs'], skip: false },
])('a strict program, $mode', ({ flags, skip }) => {
  test.skipIf(skip)('has the system calls of the LibOS, and user_space_size as its memory', async () => {
    const lax = await world.sim(instance, ['run', ...flags, '/bin/probe']);
    expect(valuesOf(lax.stdout)).toMatchObject({ fork: '0', getrusage: '14', dgram: '0', '1GB': '0' });
    const { code, stdout } = await strict('run', ...flags, '/bin/probe');
    expect(code).toBe(9);
    expect(valuesOf(stdout)).toEqual({
      ...{ argv0: 'probe', fork: '38', spawn: '0,3', thread: '0', getrusage: '38', memfd: '38', io_uring: '22' },
      ...{ dgram: '94', stream: '0', tcp: '0', dumpable: '22', name: '0', '1GB': '12', '64MB': '0' },
    });
  });

  test.skipIf(skip)('is the same under exec, in a server that was started strictly', async () => {
    expect((await strict('start', ...flags)).code).toBe(0);
    try {
      const { code, stdout, stderr } = await world.sim(instance, ['exec', '/bin/probe']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: `Error: ${9 << 8}\n` });
      expect(valuesOf(stdout)).toMatchObject({ fork: '38', getrusage: '38', '1GB': '12' });
      const many = await world.sim(instance, ['exec', '/bin/threads', '20']);
      expect(many).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: 9\n$/) });
      // One that dies of it leaves the others, and the server.
      expect(await world.sim(instance, ['exec', '/bin/plain'])).toMatchObject({ stderr: `Error: ${5 << 8}\n` });
    } finally {
      await world.sim(instance, ['stop']);
    }
  });

  test.skipIf(skip)('may have one thread less than max_num_of_threads', async () => {
    const result = await strict('run', ...flags, '/bin/threads', '8');
    expect(result.code).toBe(127);
    expect(result.stderr).toContain('with error code 0x1003: Out of TCS.');
    await until(() => processesWith('threads\0').length === 0);
    const few = strict('run', ...flags, '/bin/threads', '7', 'and', 'end');
    expect((await few).code).toBe(0);
  });

  test.skipIf(skip)('is a position-independent executable with its interpreter in the image', async () => {
    for (const [program, words] of [
      ['no-pie', 'ENOEXEC (#8, Exec format error): unknown executable file format'],
      ['static', 'ENOEXEC (#8, Exec format error): unknown executable file format'],
      ['static-pie', 'ENOEXEC (#8, Exec format error): cannot find the interpreter segment'],
      ['strange', 'ENOENT (#2, No such file or directory): EntryNotFound'],
    ] as const) {
      const refused = await strict('run', ...flags, `/bin/${program}`);
      expect(refused, program).toMatchObject({ code: 127, stdout: '' });
      expect(refused.stderr).toContain(words);
    }
    expect((await world.sim(instance, ['run', ...flags, '/bin/no-pie'])).code).toBe(5);
    expect((await strict('run', ...flags, '/bin/plain')).code).toBe(5);
  });
});

describe.skipIf(!x64)('a strict script', () => {
  test('names one absolute path and nothing else in at most 127 bytes, not below /host', async () => {
    for (const [name, words] of [
      ['argument', 'ENOEXEC'],
      ['env', 'ENOEXEC'],
      ['relative', 'ENOEXEC'],
      ['long', 'ENOEXEC'],
      ['absent', 'ENOENT'],
      ['hosted', 'EACCES'],
    ] as const) {
      const refused = await strict('run', '--no-rootfs', `/scripts/${name}`);
      expect(refused.code, name).toBe(127);
      expect(refused.stderr, name).toContain(`failed to boot up LibOS: ${words} `);
    }
    expect((await strict('run', '--no-rootfs', '/scripts/good')).code).toBe(6);
  });
});

describe.skipIf(!x64 || !compiler || !rooted)('what lies below /host', () => {
  test('is not executed, neither by the launcher nor by a program', async () => {
    expect((await world.sim(instance, ['run', '/bin/sh', '-c', 'exec /host/hosted'])).code).toBe(5);
    const refused = await strict('run', '/host/hosted');
    expect(refused.code).toBe(127);
    expect(refused.stderr).toContain('EACCES (#13, Permission denied)');
    expect((await strict('run', '/bin/sh', '-c', 'exec /host/hosted')).code).toBe(126);
  });
});

/** Whether Occlum would load a program: its ELF type is ET_DYN. */
function isPositionIndependent(path: string): boolean {
  const head = Buffer.alloc(18);
  const file = openSync(path, 'r');
  readSync(file, head);
  closeSync(file);
  return head.readUInt16LE(16) === 3;
}

describe.skipIf(!x64)('real programs', () => {
  const refused = { code: 127, stderr: expect.stringContaining('unknown executable file format') };

  test('Perl runs, and cannot fork', async () => {
    gatherBinary('/usr/bin/perl', join(instance, 'image'), '/bin/perl');
    expect((await world.sim(instance, ['build', '-f'])).code).toBe(0);
    const script = 'defined(fork()) or print $! + 0, "\\n"';
    const result = await strict('run', '--no-rootfs', '/bin/perl', '-e', script);
    expect(result).toMatchObject({ code: 0, stdout: '38\n' });
    // What cannot be enforced is said.
    expect(result.stderr).toMatch(/^occlum-sim: --strict with --no-rootfs does not keep programs from/);
  });

  test.skipIf(!python)('Debian’s Python and this Node are refused unless they are position-independent', async () => {
    for (const [name, binary] of [
      ['python3', realpathSync('/usr/bin/python3')],
      ['node', process.execPath],
    ] as const) {
      gatherBinary(binary, join(instance, 'image'), `/bin/${name}`);
      expect((await world.sim(instance, ['build', '-f'])).code).toBe(0);
      const result = await world.sim(instance, ['run', '--strict', '--no-rootfs', `/bin/${name}`, '--version']);
      if (isPositionIndependent(binary)) expect(result).not.toMatchObject(refused);
      else expect(result).toMatchObject(refused);
      expect((await world.sim(instance, ['run', '--no-rootfs', `/bin/${name}`, '--version'])).code).toBe(0);
    }
  });
});
