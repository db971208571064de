import { FolderBlobs, OcclumInterface } from '@neo-service-layer/occlum-interface';
import type { UserKey } from '@neo-service-layer/tee-client';
import { type AppraisalPolicy, TeeError } from '@neo-service-layer/tee-interface';
import { collateralSource, trustAnchors } from './collateral.ts';
import { lockedStore } from './locked-store.ts';
import { builtEnclave, prepareEnclave } from './prepare.ts';
import type { HostSettings } from './settings.ts';

const lockWaitMs = 120_000;

/** The policy of someone who built the image: exactly its measurement, on any genuine platform of the chosen kind. */
export function builderPolicy(mrEnclave: string, settings: HostSettings): AppraisalPolicy {
  return { mrEnclave: [mrEnclave], ...(settings.simulation ? { allowSimulation: true } : {}) };
}

/** How an enclave is opened for a command. */
export interface WithEnclaveOptions {
  /** `as-built`: launches what is there, and builds nothing. Default `up-to-date`. */
  choice?: 'up-to-date' | 'as-built';
  /** Who calls. Default an anonymous caller. */
  user?: UserKey | undefined;
}

/**
 * Builds, launches and verifies the enclave for a command that trusts its own process, and ends it when the action is
 * done, however it ends. When the signal aborts, the enclave ends at once and the action fails with it.
 *
 */
export async function withEnclave<Result>(
  settings: HostSettings,
  signal: AbortSignal,
  onProgress: (text: string) => void,
  action: (enclave: OcclumInterface) => Promise<Result>,
  { choice = 'up-to-date', user }: WithEnclaveOptions = {},
): Promise<Result> {
  const image = await (choice === 'as-built' ? builtEnclave(settings) : prepareEnclave(settings, onProgress));
  const anchors = await trustAnchors(settings);
  // One program per instance: another command that uses it is waited for.
  const { store, close } = await lockedStore(settings, 'command', lockWaitMs);
  const enclave = new OcclumInterface({
    enclave: image,
    policy: builderPolicy(image.mrEnclave, settings),
    collateral: collateralSource(settings),
    blobs: new FolderBlobs(settings.blobsDir),
    store,
    lockWaitMs,
    ...(anchors === undefined ? {} : { trustAnchors: anchors }),
    ...(user === undefined ? {} : { user }),
  });
  const stop = () => void enclave.dispose();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw new TeeError('ERR_DISPOSED', 'Interrupted before the enclave was started.');
    onProgress('starting the enclave');
    await enclave.initialize();
    return await action(enclave);
  } finally {
    signal.removeEventListener('abort', stop);
    await enclave.dispose();
    await close();
  }
}
