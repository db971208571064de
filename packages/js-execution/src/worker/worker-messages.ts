import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  module: WebAssembly.Module;
  /** Maximum of each guest's whole memory. */
  maximumBytes: number;
}

/** Main thread to worker: one call. Calls are answered in order. */
export type WorkerRequest = GuestCall;

/** Worker to main thread: it is ready for calls, or how the oldest unanswered call ended. */
export type WorkerReply = { ready: true } | { ready: false; outcome: Outcome };
