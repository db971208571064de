import type { MessagePort } from 'node:worker_threads';
import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  module: WebAssembly.Module;
  /** Maximum of each guest's whole memory. */
  maximumBytes: number;
  /** Room for evaluated sources. */
  cacheBytes: number;
  /** How long it exercises the engine in its idle time after starting. */
  warmUpMs: number;
}

/** What is a thread's own: its line for the requests of guests. */
export interface WorkerLine {
  port: MessagePort;
  /** Shared: a bell that is rung when an answer is in the port, and the number of the last call that was decided. */
  cells: Int32Array;
}

/** Main thread to worker: one call. Calls are answered in order. */
export interface WorkerRequest {
  /** Counts the calls of a thread, from 1. */
  number: number;
  call: GuestCall;
}

/** Worker to main thread: it is ready for calls, or how the oldest unanswered call ended. */
export type WorkerReply = { ready: true } | { ready: false; number: number; outcome: Outcome };
