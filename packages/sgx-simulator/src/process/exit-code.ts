import { constants } from 'node:os';

/** How a program ended, as child_process says it. */
export interface ProgramEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Exit code of `occlum run` (occlum-contract §1.6): the low seven bits of the program's, or 128 and the signal. */
export function runExitCode(end: ProgramEnd): number {
  if (end.signal !== null) return 128 + constants.signals[end.signal];
  return (end.code ?? 0) & 0x7f;
}

/** The wait status that `occlum exec` prints (occlum-contract §1.7): code in the high byte, signal in the low bits. */
export function waitStatus(end: ProgramEnd): number {
  if (end.signal !== null) return constants.signals[end.signal];
  return ((end.code ?? 0) & 0xff) << 8;
}
