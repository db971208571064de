import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';

/** A call on its way to the process: the same as everywhere, in what JSON can hold. */
export interface IsolateCallMessage extends Omit<GuestCall, 'payload' | 'seed' | 'tenant'> {
  payload: string;
  /** Hexadecimal, 16 digits. */
  seed: string;
}

/** To the process: a call, the answer to what its guest asked for, or that nobody waits for it any more. */
export type IsolateOrder =
  | { kind: 'call'; call: number; request: IsolateCallMessage }
  | { kind: 'answer'; call: number; id: number; json: string }
  | { kind: 'abort'; call: number };

/**
 * From the process: it is ready; a guest asks the main thread for something; a call ended; a call took more memory than
 * can be borne, or some call of several did (null), and the process is to be ended.
 */
export type IsolateReport =
  | { kind: 'ready' }
  | { kind: 'request'; call: number; id: number; name: string; json: string }
  | { kind: 'outcome'; call: number; outcome: Outcome }
  | { kind: 'exhausted'; call: number | null };
