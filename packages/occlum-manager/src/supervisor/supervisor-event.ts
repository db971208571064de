/** What a supervisor does, for logs and metrics. Reasons may quote output of the enclave: print them escaped. */
export type SupervisorEvent =
  | { readonly event: 'starting'; readonly attempt: number }
  | { readonly event: 'ready'; readonly afterMs: number }
  | { readonly event: 'probe-failed'; readonly reason: string; readonly inSequence: number }
  | { readonly event: 'lost'; readonly reason: string; readonly readyMs: number }
  | { readonly event: 'start-failed'; readonly reason: string }
  | { readonly event: 'restarting'; readonly inMs: number }
  | { readonly event: 'crash-loop'; readonly reason: string }
  | { readonly event: 'stopped' };

/** Where a supervisor stands. */
export type SupervisorState = 'idle' | 'starting' | 'ready' | 'waiting' | 'crash-loop' | 'stopped';

/** Counts since the supervisor was made. */
export interface SupervisorMetrics {
  readonly state: SupervisorState;
  readonly starts: number;
  readonly lost: number;
  readonly startFailures: number;
  readonly probeFailures: number;
  /** Errors that onEvent threw; they are held back here. */
  readonly eventErrors: number;
  /** Calls in flight now. */
  readonly calls: number;
  /** Calls that ended because their enclave was lost. */
  readonly lostCalls: number;
  /** Why the last one ended, or null. */
  readonly lastReason: string | null;
}
