import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { runExitCode, waitStatus } from '../../src/process/exit-code.ts';

const signals = Object.entries(constants.signals) as [NodeJS.Signals, number][];

test('run gives seven bits of every exit code, exec all eight in the high byte of a wait status', () => {
  for (let code = 0; code < 256; code += 1) {
    expect(runExitCode({ code, signal: null })).toBe(code % 128);
    expect(waitStatus({ code, signal: null })).toBe(code * 256);
  }
});

test('run gives 128 and the signal, exec the signal', () => {
  for (const [signal, number] of signals) {
    expect(runExitCode({ code: null, signal })).toBe(128 + number);
    expect(waitStatus({ code: null, signal })).toBe(number);
  }
});
