import { usage } from '../../cli/arguments.ts';
import type { EvilRelay } from '../evil-relay.ts';
import type { Fault, FaultContext, Meeting } from './fault.ts';
import { machineFaults } from './machine-faults.ts';
import { relayFaults } from './relay-faults.ts';

/** Every fault that `neo-tee dev` can play. */
const faults: readonly Fault[] = [...machineFaults, ...relayFaults];

/** The fault of a name. @throws {TeeError} ERR_INVALID_ARGUMENT naming those there are */
export function faultNamed(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (found) return found;
  throw usage(`--fault wants one of ${faults.map((fault) => fault.name).join(', ')}, not "${name}".`);
}

/** What came of a fault. */
export interface Struck {
  before: Meeting;
  after: Meeting;
  isExpected: boolean;
  /** What stands at the project's port now, when it is not the host. */
  relay: EvilRelay | null;
}

/** Lets a user meet the enclave, strikes, and lets the same user meet it again. */
export async function strikeFault(fault: Fault, context: FaultContext): Promise<Struck> {
  const before = await context.meet();
  const relay = await fault.strike(context);
  const after = await context.meet();
  return { before, after, isExpected: fault.isExpected(before, after), relay };
}

/** What a user met, in one line. */
export function meetingLine(meeting: Meeting): string {
  if (meeting.ok)
    return `ok: entry counted to ${meeting.count}, version ${meeting.version}, freshness ${meeting.freshness}`;
  return `${meeting.code}: ${meeting.message}${meeting.actual === undefined ? '' : ` (found: ${meeting.actual})`}`;
}
