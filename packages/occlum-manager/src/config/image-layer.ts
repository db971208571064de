import type { OcclumConfig } from './schema.ts';

/**
 * The measured layer of the root file system: in the unionfs on "/" the sefs on "/" that carries a MAC, followed by
 * the writable one without; undefined when the root is not made like that (occlum-contract §2.1).
 */
export function findImageLayer(config: OcclumConfig): { target: string; MAC: string } | undefined {
  const root = config.mount.find((mount) => mount.target === '/');
  if (root?.type !== 'unionfs') return undefined;
  const [image, container] = root.options.layers;
  if (image?.type !== 'sefs' || image.target !== '/' || image.options?.MAC === undefined) return undefined;
  if (container?.target !== '/') return undefined;
  if (container.type === 'sefs' && container.options?.MAC !== undefined) return undefined;
  return { target: image.target, MAC: image.options.MAC };
}
