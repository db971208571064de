import { type OcclumConfig, occlumConfig } from '@neo-service-layer/occlum-manager';
import { nodeOptions } from './node-options.ts';
import { startProgram } from './start-program.ts';

/** What about the image's configuration may be chosen. All of it is measured. */
export interface ImageIdentity {
  /** ISVPRODID; default 1. */
  productId?: number | undefined;
  /** ISVSVN; raise it when a fault was repaired. Default 1. */
  securityVersion?: number | undefined;
  /** Lets the host read the enclave: nothing in it is confidential then. Default false. */
  allowDebug?: boolean | undefined;
}

/**
 * Occlum.json of the image: one entry point, no host file system, and of the host's environment only where to dial.
 *
 * @param node the Node binary that goes into the image; asked which flags it has
 */
export function imageConfig(node: string, identity: ImageIdentity): OcclumConfig {
  const { productId = 1, securityVersion = 1, allowDebug = false } = identity;
  return occlumConfig({
    preset: 'node',
    entryPoints: [startProgram.program],
    env: {
      HOME: '/root',
      PATH: '/bin',
      NODE_ENV: 'production',
      NODE_NO_WARNINGS: '1',
      NODE_OPTIONS: nodeOptions(node),
      UV_THREADPOOL_SIZE: '4',
      MALLOC_ARENA_MAX: '1',
      // Freed memory stays with the process, and buffers come from the heap: fresh pages cost several times what sealing
      // their content does, and in an enclave more (32 MiB is the most that glibc takes).
      MALLOC_TRIM_THRESHOLD_: '67108864',
      MALLOC_MMAP_THRESHOLD_: '33554432',
    },
    untrustedEnv: ['TEE_HOST_LINK', 'TEE_HOST_LINK_TOKEN'],
    productId,
    securityVersion,
    allowDebug,
  });
}
