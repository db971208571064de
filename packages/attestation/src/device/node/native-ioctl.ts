import { createRequire } from 'node:module';
import { TeeError } from '@neo-service-layer/tee-interface';

/** What `native/sgx-ioctl.c` exports: see there for what it guarantees. `done` gets the errno, 0 for success. */
export type NativeIoctl = (
  fd: number,
  request: number,
  argument: Uint8Array,
  pointers: readonly (readonly [offset: number, bytes: Uint8Array])[],
  done: (errno: number) => void,
) => void;

/**
 * Loads the native helper, a single file of 17 KB that needs libc alone.
 *
 * Why an addon of our own and no FFI library (koffi): an FFI calls any function at any address with any number as a
 * pointer, and would stand in the process that also holds the keys. Here no number from JavaScript becomes an address,
 * and what is measured can be read in a few minutes.
 *
 * @param addon absolute path of the compiled helper
 * @throws {TeeError} ERR_DEVICE_UNSUPPORTED when it is missing or does not load
 */
export function loadIoctl(addon: string): NativeIoctl {
  let loaded: unknown;
  try {
    loaded = createRequire(import.meta.url)(addon);
  } catch (cause) {
    throw unusable(addon, cause);
  }
  const ioctl = typeof loaded === 'object' && loaded !== null && 'ioctl' in loaded ? loaded.ioctl : undefined;
  if (!isIoctl(ioctl)) throw unusable(addon);
  return ioctl;
}

function isIoctl(value: unknown): value is NativeIoctl {
  return typeof value === 'function';
}

function unusable(addon: string, cause?: unknown): TeeError {
  return new TeeError('ERR_DEVICE_UNSUPPORTED', 'The native helper for ioctl is missing or does not load.', {
    expected: `a Node addon at ${addon}`,
    hint: 'Compile it for the image: gcc -shared -fPIC -O2 -o sgx-ioctl.node sgx-ioctl.c (native/ of the attestation package).',
    cause,
  });
}
