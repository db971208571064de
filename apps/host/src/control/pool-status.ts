import * as z from 'zod';
import type { EnclavePool } from '../relay/enclave-pool.ts';
import { residentMemory } from '../relay/resident-memory.ts';

const memberSchema = z.object({
  number: z.int(),
  /** `keeper` has what users keep; `standby` serves what needs none of it. */
  role: z.enum(['keeper', 'standby']),
  state: z.enum(['serving', 'draining', 'starting', 'given-up', 'stopped']),
  mrEnclave: z.string(),
  /** Of the process group that belongs to it, or null while it does not run. */
  pid: z.int().nullable(),
  /** Seconds that it has served. */
  uptime: z.number().nullable(),
  /** Messages that it was brought since it started. */
  calls: z.int(),
  /** Messages that wait for their answer. */
  underWay: z.int(),
  /** Bytes resident in its processes. */
  memory: z.int(),
  starts: z.int(),
  losses: z.int(),
  lastLoss: z.object({ at: z.string(), how: z.string() }).nullable(),
});

/** What `neo-tee status` shows, as it crosses the control socket. */
export const poolStatusSchema = z.object({
  pid: z.int(),
  url: z.string(),
  instance: z.string(),
  /** Bytes resident in the host's process. */
  memory: z.int(),
  members: z.array(memberSchema),
});

/** See {@link poolStatusSchema}. */
export type PoolStatus = z.infer<typeof poolStatusSchema>;

/** The members of a pool as they are now. */
export function memberStatus(pool: EnclavePool): PoolStatus['members'] {
  return pool.members.map((member) => {
    const { boot, number, program, lastLoss } = member;
    const { starts, lost, state } = member.metrics();
    return {
      number,
      role: member === pool.keeper ? 'keeper' : 'standby',
      state: boot === null ? stateOf(state) : boot.isDraining ? 'draining' : 'serving',
      mrEnclave: program.mrEnclave,
      pid: boot?.pid ?? null,
      uptime: boot === null ? null : Math.round((Date.now() - boot.startedAt) / 100) / 10,
      calls: boot?.calls ?? 0,
      underWay: boot?.underWay ?? 0,
      memory: boot === null ? 0 : residentMemory(boot.pid),
      starts,
      losses: lost,
      lastLoss: lastLoss === null ? null : { at: new Date(lastLoss.at).toISOString(), how: lastLoss.how },
    };
  });
}

function stateOf(state: string): 'starting' | 'given-up' | 'stopped' {
  if (state === 'crash-loop') return 'given-up';
  return state === 'stopped' ? 'stopped' : 'starting';
}
