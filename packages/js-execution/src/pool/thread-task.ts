import type { HostServices } from '../capabilities/host-services.ts';
import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';

/** A call on its way through a thread. */
export interface ThreadTask {
  /** Tells the calls of a thread apart. */
  number: number;
  call: GuestCall;
  services: HostServices;
  /** With null when it was given back: it did not run here. */
  settle(outcome: Outcome | null): void;
  watchdog: NodeJS.Timeout | null;
  /** Requests of the guest's that have no answer yet, and whether there were any. */
  open: number;
  asked: boolean;
}

/** Ends a task: nothing of it goes on, and its arguments are overwritten. */
export function finishTask({ watchdog, services, call, settle }: ThreadTask, outcome: Outcome): void {
  if (watchdog !== null) clearTimeout(watchdog);
  services.end();
  call.payload.fill(0);
  settle(outcome);
}
