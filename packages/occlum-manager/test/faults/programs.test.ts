import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { madeOnce } from '../support/made-once.ts';
import { processesWith, until } from '../support/processes.ts';
import { builtInstance } from '../support/script-instance.ts';

const scripts = {
  exit: 'exit "$1"',
  die: 'kill -"$1" $$; sleep 600',
  stubborn: "trap '' TERM; echo ready; while :; do sleep 600; done",
  tree: 'sleep 60124 & setsid sleep 60123 & echo ready; wait',
  flood: 'head -c "$1" /dev/zero',
  both: 'head -c "$1" /dev/zero; head -c "$1" /dev/zero >&2',
};

/** Signals whose default is to end the process. */
const fatal = (
  [
    ...['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGUSR1'],
    ...['SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGSYS'],
  ] as const
).map((name) => [name, constants.signals[name]] as const);

describe('a program', () => {
  const system = madeOnce((folder) => builtInstance(scripts, folder));

  async function started(name: string) {
    let ready = false;
    const program = await system().instance.run(`/bin/${name}`, [], {
      stdout: () => {
        ready = true;
      },
    });
    await until(() => ready, 'the program');
    return program;
  }

  test('that ignores SIGTERM is killed after the grace time', async () => {
    const program = await started('stubborn');
    const before = Date.now();
    await program.stop({ graceMs: 200 });
    expect(Date.now() - before).toBeGreaterThanOrEqual(195);
    expect((await program.exited).kind).toBe('killed');
    expect(processesWith(system().folder)).toEqual([]);
  });

  test('that has started others, some in sessions of their own, does not hold its end up, and its group goes with it', async () => {
    const program = await started('tree');
    await program.stop({ graceMs: 2000 });
    expect((await program.exited).kind).toBe('killed');
    expect(processesWith('sleep 60124')).toEqual([]);
    // What left the group is out of a manager's reach; in an enclave there is neither setsid nor fork, in occlum-sim a
    // pid name space.
    for (const line of processesWith('sleep 60123')) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
    expect((await (await system().instance.run('/bin/exit', ['0'])).exited).code).toBe(0);
  });

  test.each([
    [0, 0],
    [1, 1],
    [7, 7],
    [127, 127],
    [128, 0],
    [255, 127],
  ])('that exits with %d is reported with %d, and is no failure of occlum', async (code, arrives) => {
    const report = await (await system().instance.run('/bin/exit', [String(code)])).exited;
    expect(report).toMatchObject({ kind: 'exited', code: arrives, signal: null });
  });

  test('is reported with the signal it died of, whichever it is', async () => {
    const { instance } = system();
    const reports = await Promise.all(
      fatal.map(async ([, number]) => (await instance.exec('/bin/die', [String(number)])).exited),
    );
    expect(reports.map(({ kind, signal }) => `${kind} ${signal}`)).toEqual(fatal.map(([name]) => `killed ${name}`));
    for (const [name, number] of fatal.slice(8, 11)) {
      const report = await (await instance.run('/bin/die', [String(number)])).exited;
      expect([report.kind, report.signal]).toEqual(['killed', name]);
    }
  });

  test('that prints a gigabyte is passed through in constant memory', async () => {
    const before = process.memoryUsage().rss;
    let seen = 0;
    let most = 0;
    const program = await system().instance.run('/bin/flood', [String(1 << 30)], {
      stdout: (chunk) => {
        seen += chunk.length;
        most = Math.max(most, process.memoryUsage.rss());
      },
    });
    const report = await program.exited;
    expect([report.code, seen]).toEqual([0, 1 << 30]);
    expect(report.stdoutTail.length).toBeLessThan(10_000);
    expect(most - before).toBeLessThan(150 << 20);
  }, 120_000);

  test('that floods both streams, unread, ends all the same', async () => {
    const report = await (await system().instance.run('/bin/both', [String(32 << 20)])).exited;
    expect(report.code).toBe(0);
    expect([report.stdoutTail.length, report.stderrTail.length].every((length) => length < 10_000)).toBe(true);
  });
});
