import { describe, expect, test } from 'vitest';
import { seccompFilter } from '../../src/strict/seccomp-filter.ts';
import { absentCalls } from '../../src/strict/syscalls.ts';

const allow = 'allow';
const answers = new Map([
  [0x7fff_0000, allow],
  [0x8000_0000, 'kill'],
  [0x0005_0000 | 38, 'ENOSYS'],
  [0x0005_0000 | 22, 'EINVAL'],
  [0x0005_0000 | 94, 'ESOCKTNOSUPPORT'],
]);

/** Runs the program as the kernel would, on one system call. Loads of other words than these are an error. */
function judge(number: number, args: number[] = [], architecture = 0xc000_003e): string | undefined {
  const program = Buffer.from(seccompFilter());
  const data = new Map([
    [0, number],
    [4, architecture],
    [16, args[0] ?? 0],
    [24, args[1] ?? 0],
  ]);
  let accumulator = 0;
  for (let at = 0; at * 8 < program.length; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const [whenTrue, whenFalse] = [program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3)];
    const constant = program.readUInt32LE(at * 8 + 4);
    const jumps = new Map([
      [0x15, accumulator === constant],
      [0x25, accumulator > constant],
      [0x35, accumulator >= constant],
      [0x45, (accumulator & constant) !== 0],
    ]);
    const jump = jumps.get(code);
    if (jump !== undefined) at += jump ? whenTrue : whenFalse;
    else if (code === 0x20) accumulator = data.get(constant) ?? Number.NaN;
    else if (code === 0x54) accumulator = (accumulator & constant) >>> 0;
    else if (code === 0x06) return answers.get(constant);
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('ran off the end');
}

describe('the system call filter', () => {
  test('is short enough for the kernel, and comes to an answer for every number', () => {
    expect(seccompFilter().length / 8).toBeLessThan(4096);
    for (let number = 0; number < 1024; number += 1) expect(judge(number)).toBeDefined();
  });

  test('answers ENOSYS for what the LibOS lacks, EINVAL beyond its table, and lets the rest through', () => {
    const special = new Map([
      [56, 'ENOSYS'], // clone without shared memory
      [157, 'EINVAL'], // prctl(0)
      [435, 'ENOSYS'], // clone3: the deviation
      ...[359, 360, 361, 362, 363].map((number) => [number, 'ENOSYS'] as const),
    ]);
    const absent = new Set(Object.values(absentCalls));
    for (let number = 0; number < 1024; number += 1) {
      const expected = special.get(number) ?? (absent.has(number) ? 'ENOSYS' : number > 334 ? 'EINVAL' : allow);
      expect(judge(number), `call ${number}`).toBe(expected);
    }
    // The x32 face of read(2).
    expect(judge(0x4000_0000)).toBe('EINVAL');
  });

  test('names the calls by their numbers on x86-64', () => {
    expect(absentCalls).toMatchObject({ fork: 57, getrusage: 98, setsid: 112, statx: 332, memfd_create: 319 });
  });

  test('tells threads, vfork and posix_spawn from fork', () => {
    const flags = { vm: 0x100, vfork: 0x4000, thread: 0x10000, settid: 0x1000000, cleartid: 0x200000 };
    expect(judge(56, [flags.vm | flags.thread])).toBe(allow);
    expect(judge(56, [flags.vm | flags.vfork | 17])).toBe(allow);
    expect(judge(58)).toBe(allow);
    expect(judge(56, [flags.settid | flags.cleartid | 17])).toBe('ENOSYS');
  });

  test('knows three options of prctl and one type of unix socket', () => {
    for (const option of [15, 16, 30]) expect(judge(157, [option])).toBe(allow);
    for (const option of [1, 4, 22, 38]) expect(judge(157, [option])).toBe('EINVAL');
    const cloexec = 0x80000;
    for (const call of [41, 53]) {
      expect(judge(call, [1, 1 | cloexec])).toBe(allow);
      expect(judge(call, [1, 2])).toBe('ESOCKTNOSUPPORT');
      expect(judge(call, [1, 5 | cloexec])).toBe('ESOCKTNOSUPPORT');
      for (const family of [2, 10]) expect(judge(call, [family, 2])).toBe(allow);
    }
  });

  test('kills what calls by another architecture’s numbers', () => {
    expect(judge(0, [], 0x4000_0003)).toBe('kill');
  });
});
