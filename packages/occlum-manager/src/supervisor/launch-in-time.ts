import { setTimeout as delay } from 'node:timers/promises';
import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * Starts a program and waits for it so long, then aborts it. One that comes up after all is stopped: nobody waits for
 * it any more. On an abort from outside the launch is waited for, so that nothing of it is left behind.
 *
 * @throws TeeError ERR_ENCLAVE_START when time is over; what `launch` throws
 */
export async function launchInTime<T extends { stop(): Promise<unknown> }>(
  launch: (signal: AbortSignal) => Promise<T>,
  withinMs: number,
  signal: AbortSignal,
): Promise<T> {
  const giveUp = new AbortController();
  const done = new AbortController();
  const launching = Promise.resolve().then(() => launch(AbortSignal.any([signal, giveUp.signal])));
  const late = delay(withinMs, undefined, { signal: done.signal }).then(() => {
    giveUp.abort();
    launching.then((program) => program.stop()).catch(() => {});
    throw new TeeError('ERR_ENCLAVE_START', `The program was not ready within ${withinMs} ms`);
  });
  try {
    return await Promise.race([launching, late]);
  } finally {
    done.abort();
  }
}
