import type { TeeErrorCode } from '@neo-service-layer/tee-interface';
import type { HostSettings } from '../../enclave/settings.ts';
import type { DevHost } from '../dev-host.ts';
import type { EvilRelay } from '../evil-relay.ts';

/** What a user of the enclave met: the entry that is counted up in it, or the error. */
export type Meeting =
  | { ok: true; count: number; version: number; freshness: string }
  | { ok: false; code: TeeErrorCode; message: string; actual: string | undefined };

/** What a fault works on. */
export interface FaultContext {
  host: DevHost;
  /** Of the project's own instance. */
  settings: HostSettings;
  /** Where the project's commands look for the host. */
  port: number;
  /** Signs in as the project's user, counts the entry up, and says what was met. */
  meet: () => Promise<Meeting>;
  onLog: (line: string) => void;
}

/** One thing that a machine or its owner can do, and what must come of it. */
export interface Fault {
  name: string;
  /** What is done. */
  what: string;
  /** What a user must meet then, in words. */
  expected: string;
  /** Whether that is what was met. */
  isExpected: (before: Meeting, after: Meeting) => boolean;
  /** Does it. The project's port is taken by what this returns, or by the host. */
  strike: (context: FaultContext) => Promise<EvilRelay | null>;
}
