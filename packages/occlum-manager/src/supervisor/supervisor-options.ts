import type { RestartPolicy } from './backoff.ts';
import type { Probing } from './probe.ts';
import type { SupervisorEvent } from './supervisor-event.ts';

/** A program that is ready to be used. */
export interface Supervised {
  /** Settles when it has ended, however it does; a string, an error or an ExitReport says how. */
  readonly exited: Promise<unknown>;
  /** Ends it: by message first, then by force. */
  stop(): Promise<unknown>;
}

/** What a {@link Supervisor} keeps running, and how. */
export interface SupervisorOptions<T extends Supervised> {
  /** Starts the program and resolves when it is ready; leaves nothing behind when it rejects or is aborted. */
  launch: (signal: AbortSignal) => Promise<T>;
  /** How long `launch` may take; then it is aborted and counts as failed. Default 2 minutes. */
  readyWithinMs?: number;
  /** Asks a ready program whether it is well, over its own link. Rejecting, or silence, is a no. */
  probe?: (program: T) => Promise<unknown>;
  probing?: Partial<Probing>;
  restart?: Partial<RestartPolicy>;
  /**
   * Whether an end, as `exited` told it, says nothing against the program and is no step towards a crash loop; default:
   * an ExitReport whose diagnosis is restartable (enclave lost, 0x4).
   */
  blameless?: (ended: unknown) => boolean;
  /** What it throws is counted and held back: an observer must not end what it observes. */
  onEvent?: (event: SupervisorEvent) => void;
}
