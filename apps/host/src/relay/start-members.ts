import { KeyringOfEnclave } from '@neo-service-layer/occlum-interface';
import type { HostLink } from '@neo-service-layer/tee-channel/host-link';
import { type Collateral, isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import type { PoolMember } from './pool-member.ts';

/**
 * Starts the first member, and the others once that one has its keyring: of two that start at once without one each would
 * make one. Resolves when all serve.
 * @throws {TeeError} ERR_ENCLAVE_START when one ends again and again
 */
export async function startMembers(
  [first, ...others]: readonly PoolMember[],
  collateral: (quote: Uint8Array) => Promise<Collateral>,
): Promise<void> {
  do await first?.start();
  while (others.length > 0 && first !== undefined && !(await hasKeyring(first, collateral)));
  await Promise.all(others.map((member) => member.start()));
}

/** The same for members that get the keyring of others. @throws {TeeError} what the hand-over throws, ERR_ENCLAVE_LOST */
export async function startSuccessors(
  [first, ...others]: readonly PoolMember[],
  handOver: (to: HostLink) => Promise<void>,
): Promise<void> {
  await first?.start();
  const boot = first?.boot;
  if (!boot) throw new TeeError('ERR_ENCLAVE_LOST', 'The new enclave ended before the keyring was handed over.');
  await handOver(boot.link);
  await Promise.all(others.map((member) => member.start()));
}

/** Whether its keyring is there, or why it has none is known; false when it was lost before. */
async function hasKeyring(
  { boot }: PoolMember,
  collateral: (quote: Uint8Array) => Promise<Collateral>,
): Promise<boolean> {
  if (boot === null) return false;
  try {
    await new KeyringOfEnclave(boot.link, collateral).status();
    return true;
  } catch (error) {
    // Anything else than its end will be the same the next time.
    return !isTeeError(error) || error.code !== 'ERR_LINK_CLOSED';
  }
}
