/** The character device `/dev/sgx` of a real Occlum enclave. Runs on Node 18. Never run on hardware. */
import { type FileHandle, open } from 'node:fs/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import { deviceArgument } from '../device-argument.ts';
import type { IoctlTransport } from '../ioctl-device.ts';
import { loadIoctl, type NativeIoctl } from './native-ioctl.ts';

/**
 * Opens a character device for ioctls.
 *
 * Requests are made one after the other, each on one thread of libuv's pool: a quote takes seconds, and every thread
 * of the pool that waits in the LibOS takes a TCS of the enclave.
 *
 * @param addon path of the native helper, see {@link loadIoctl}
 * @throws {TeeError} ERR_DEVICE_UNSUPPORTED without the helper; ERR_DEVICE_NOT_FOUND when it cannot be opened
 */
export async function openCharacterDevice(path: string, addon: string): Promise<IoctlTransport> {
  const ioctl = loadIoctl(addon);
  try {
    return new CharacterDevice(await open(path, 'r'), ioctl);
  } catch (cause) {
    throw new TeeError('ERR_DEVICE_NOT_FOUND', `The SGX device at ${path} cannot be opened.`, {
      hint: 'Inside Occlum /dev/sgx is always there; on the host, ask for its device nodes and the group sgx_prv.',
      cause,
    });
  }
}

class CharacterDevice implements IoctlTransport {
  readonly #file: FileHandle;
  readonly #ioctl: NativeIoctl;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(file: FileHandle, ioctl: NativeIoctl) {
    this.#file = file;
    this.#ioctl = ioctl;
  }

  ioctl(request: number, payload: Uint8Array): Promise<{ errno: number; payload: Uint8Array }> {
    if (this.#closing !== null) {
      return Promise.reject(new TeeError('ERR_DEVICE_CLOSED', 'The SGX device is closed.'));
    }
    const answer = this.#last.then(() => this.#make(request, payload));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Waits for the open request: its number of the file must not be given to another file before it is done. */
  close(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.#file.close());
    return this.#closing;
  }

  async #make(request: number, payload: Uint8Array): Promise<{ errno: number; payload: Uint8Array }> {
    const { argument, pointers, answer } = deviceArgument(request, payload);
    const errno = await new Promise<number>((resolve) => {
      this.#ioctl(this.#file.fd, request, argument, pointers, resolve);
    });
    return { errno, payload: errno === 0 ? answer() : new Uint8Array(0) };
  }
}
