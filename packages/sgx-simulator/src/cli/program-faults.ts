import { currentFaults } from '../faults/faults.ts';
import { enterEnclaveError } from '../faults/sgx-error.ts';
import { bootFailureText } from '../sandbox/check-program.ts';

/** What the launcher says when a program cannot be started in an enclave that is up; null when no fault is on. */
export function programFault(): string | null {
  const faults = currentFaults();
  if (faults.has('no-process-memory')) {
    return bootFailureText({
      name: 'ENOMEM',
      number: 12,
      description: 'Cannot allocate memory',
      reason: 'failed to create process VM',
    });
  }
  return faults.has('out-of-tcs') ? outOfTcs(process.pid) : null;
}

/** The line of a thread for which the enclave has no thread control structure. @param tid its number on the host */
export function outOfTcs(tid: number): string {
  return `${enterEnclaveError(0x1003, tid)}\n`;
}

/**
 * Under the fault enclave-lost calls `lost` once its time has passed; the message is written before.
 * @returns stops the clock
 */
export function watchEnclaveLoss(lost: () => void): () => void {
  const after = currentFaults().get('enclave-lost');
  if (after === undefined) return () => undefined;
  const timer = setTimeout(() => {
    process.stderr.write(`${enterEnclaveError(0x4, process.pid)}\n`);
    lost();
  }, Number(after) * 1000);
  return () => clearTimeout(timer);
}
