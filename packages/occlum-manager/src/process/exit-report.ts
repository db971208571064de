import { constants } from 'node:os';
import { type Diagnosis, recogniseFailure } from './diagnosis.ts';
import { recogniseSymptom } from './symptoms.ts';

/** How a program in the enclave, or the attempt to start it, ended. */
export interface ExitReport {
  /**
   * - `exited`: the program ended by itself with `code`
   * - `killed`: the program was ended by `signal`, inside the enclave or from the host
   * - `failed`: there was no program: occlum or the enclave refused; see `diagnosis` and the tails
   */
  readonly kind: 'exited' | 'killed' | 'failed';
  /** 0 to 127: Occlum keeps only the lower 7 bits of a program's code, so 128 arrives as 0 (occlum-contract §0.9). */
  readonly code: number | null;
  readonly signal: string | null;
  /** What is known about a bad end and what to do about it; a guess where a program printed it. Null after code 0. */
  readonly diagnosis: Diagnosis | null;
  /** The last 8 KB of each stream. */
  readonly stdoutTail: string;
  readonly stderrTail: string;
}

/** What the host saw of the process of `occlum run` or `occlum exec`. */
export interface RawExit {
  readonly command: 'run' | 'exec';
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdoutTail: string;
  readonly stderrTail: string;
}

/**
 * Decodes the end of `occlum run` (occlum-contract §1.6) or `occlum exec` (§1.7, which tells codes only through a line
 * `Error: <wait status>`). What a program prints can imitate these lines: a report tells how to go on, it proves
 * nothing about the enclave.
 */
export function decodeExit(raw: RawExit): ExitReport {
  const { stdoutTail, stderrTail } = raw;
  const report = (part: Pick<ExitReport, 'kind' | 'code' | 'signal'>): ExitReport => {
    const launcher = part.kind === 'failed' ? recogniseFailure(stdoutTail, stderrTail) : null;
    const good = part.kind === 'exited' && part.code === 0;
    const diagnosis = launcher ?? (good ? null : recogniseSymptom(stdoutTail, stderrTail, part.signal));
    return { ...part, diagnosis, stdoutTail, stderrTail };
  };
  const failed = (): ExitReport => report({ kind: 'failed', code: null, signal: null });
  if (raw.signal !== null) return report({ kind: 'killed', code: null, signal: raw.signal });
  const status = raw.exitCode ?? 1;
  if (raw.command === 'exec') {
    const line = [...stderrTail.matchAll(/^Error: (-?\d+)\s*$/gm)].at(-1);
    if (status === 0) return report({ kind: 'exited', code: 0, signal: null });
    const wait = Number(line?.[1] ?? -1);
    if (wait < 0) return failed();
    const signalNumber = wait & 0x7f;
    return signalNumber === 0
      ? report({ kind: 'exited', code: (wait >> 8) & 0xff, signal: null })
      : report({ kind: 'killed', code: null, signal: signalName(signalNumber) });
  }
  if (status > 128) return report({ kind: 'killed', code: null, signal: signalName(status - 128) });
  if ((status === 127 || status === 1) && recogniseFailure(stdoutTail, stderrTail) !== null) return failed();
  return report({ kind: 'exited', code: status & 0x7f, signal: null });
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
