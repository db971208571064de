import { OcclumInterface, type OcclumInterfaceOptions } from '@neo-service-layer/occlum-interface';
import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';
import { collateralSource, trustAnchors } from './collateral.ts';
import { prepareEnclave } from './prepare.ts';
import type { HostSettings } from './settings.ts';

/** The policy of someone who built the image: exactly its measurement, on any genuine platform of the chosen kind. */
export function builderPolicy(mrEnclave: string, settings: HostSettings): AppraisalPolicy {
  return { mrEnclave: [mrEnclave], ...(settings.simulation ? { allowSimulation: true } : {}) };
}

/** Builds, launches and verifies the enclave for a command that trusts its own process. Dispose of it when done. */
export async function openEnclave(
  settings: HostSettings,
  onProgress: (text: string) => void = () => {},
  options: Pick<OcclumInterfaceOptions, 'onLog' | 'onLinkBytes'> = {},
): Promise<OcclumInterface> {
  const image = await prepareEnclave(settings, onProgress);
  const anchors = await trustAnchors(settings);
  const enclave = new OcclumInterface({
    enclave: image,
    policy: builderPolicy(image.mrEnclave, settings),
    collateral: collateralSource(settings),
    ...(anchors === undefined ? {} : { trustAnchors: anchors }),
    ...options,
  });
  onProgress('starting the enclave');
  await enclave.initialize();
  return enclave;
}
