import type { Attack, AttackTarget } from './attack.ts';
import { diversionAttacks, impersonationAttacks } from './attacks/impersonation.ts';
import { listeningAttacks } from './attacks/listening.ts';
import { replayAttacks } from './attacks/replay.ts';
import { tamperingAttacks } from './attacks/tampering.ts';

/** An attack on a certain target, to be run by whatever runs tests. */
export interface PreparedAttack extends Omit<Attack, 'run'> {
  run: () => ReturnType<Attack['run']>;
}

/**
 * Every attack on the channel that a host can make with nothing but the client's transport. An attack is stopped when
 * `isStopped` is true and every code is one of `stoppedBy`. Calls are made, so give it an enclave for tests.
 *
 * Does not cover what needs the machine: restarts, rolled back blobs (see EvilBlobStore), stolen memory.
 */
export function attackSuite(target: AttackTarget): PreparedAttack[] {
  const attacks = [
    ...tamperingAttacks,
    ...replayAttacks,
    ...impersonationAttacks,
    ...(target.stranger === undefined ? [] : diversionAttacks),
    ...listeningAttacks,
  ];
  return attacks.map((attack) => ({ ...attack, run: () => attack.run(target) }));
}
