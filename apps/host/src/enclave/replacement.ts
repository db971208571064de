import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FolderBlobs, KeyringOfEnclave, type LaunchOptions } from '@neo-service-layer/occlum-interface';
import type { HostStore } from '@neo-service-layer/tee-channel/host-link';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { Replacement } from '../relay/pool-options.ts';
import { collateralSource } from './collateral.ts';
import { builtEnclave } from './prepare.ts';
import { poolOf } from './prepare-pool.ts';
import type { HostSettings } from './settings.ts';

/** What a replacement needs beside where the new image lies. */
export interface ReplacementOptions {
  /** Of the instance that was built. */
  settings: HostSettings;
  count: number;
  /** Bytes of the signed approval by which the old enclave hands its keyring over; null: none is needed. */
  approval: Uint8Array | null;
  /** What is shown of each. */
  watch: (member: number) => Pick<LaunchOptions, 'onLog' | 'onLinkBytes'>;
  onProgress: (text: string) => void;
  /** Closes the store that is in use, gives its folder to the action, and opens the one that is there afterwards. */
  reopen: (move: (from: string) => Promise<void>) => Promise<HostStore>;
}

/**
 * Enclaves of another instance, as it was built, for a running pool.
 * @throws {TeeError} ERR_OCCLUM_NOT_BUILT; ERR_SEAL_CONFLICT when the other instance has a store already, which would be lost
 */
export async function replacement(options: ReplacementOptions): Promise<Replacement> {
  const { settings, count, approval, watch, onProgress, reopen } = options;
  const image = await builtEnclave(settings);
  if (existsSync(settings.storeDir)) {
    throw new TeeError('ERR_SEAL_CONFLICT', 'The other instance has a store of its own.', {
      actual: settings.storeDir,
      hint: 'Move it away, if nobody needs it: the store that is served now takes its place.',
    });
  }
  const collateral = collateralSource(settings);
  return {
    programs: await poolOf(settings, image, count, onProgress),
    launch: (member) => ({ blobs: new FolderBlobs(settings.blobsDir), ...watch(member) }),
    handOver: (from, to) =>
      handOver(new KeyringOfEnclave(from, collateral), new KeyringOfEnclave(to, collateral), approval),
    moveStore: () =>
      reopen(async (from) => {
        await mkdir(dirname(settings.storeDir), { recursive: true });
        // A host whose users kept nothing has no folder.
        if (existsSync(from)) await rename(from, settings.storeDir);
      }),
  };
}

/** An enclave that has another keyring could open nothing of the store. */
async function handOver(from: KeyringOfEnclave, to: KeyringOfEnclave, approval: Uint8Array | null): Promise<void> {
  if (approval !== null) await to.accept(await from.grant(approval, await to.request()));
  const [old, next] = [await from.status(), await to.status()];
  if (old.id !== null && old.id === next.id) return;
  throw new TeeError('ERR_SEAL_GRANT_REFUSED', 'The new enclave has not the keyring of the old one.', {
    expected: `keyring ${old.id ?? 'none'}`,
    actual: `keyring ${next.id ?? 'none'}`,
    hint: 'Give --approval FILE, signed by the approvers of the keyring (neo-tee keyring approve); docs/updating.md.',
  });
}
