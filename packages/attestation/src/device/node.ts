/** The Node.js face of the device: opens `/dev/sgx` of an Occlum enclave, or of a simulated one. Runs on Node 18. */
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeFrame, FrameReader } from './frame.ts';
import { IoctlDevice, type IoctlTransport } from './ioctl-device.ts';
import { openCharacterDevice } from './node/character-device.ts';
import type { SgxDevice } from './sgx-device.ts';

/** Where the enclave image has the native helper. */
const defaultAddon = '/app/sgx-ioctl.node';

/**
 * Opens the SGX device. A character device is Occlum's, reached by ioctl(2) through a native helper; a unix socket is
 * a simulated device, which needs no helper, and whose answers are the host's word alone. The path of a character
 * device must come from the measured image: a host that chose it could have a socket or a device of its own there.
 *
 * @param path default `/dev/sgx`, where Occlum and occlum-sim put it
 * @param addon the native helper, by default where the enclave image has it
 * @throws {TeeError} ERR_DEVICE_NOT_FOUND when nothing is there (or nobody listens); ERR_DEVICE_UNSUPPORTED without the
 * native helper, and for anything that is neither character device nor socket
 */
export async function openSgxDevice(path = '/dev/sgx', addon = defaultAddon): Promise<SgxDevice> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new TeeError('ERR_DEVICE_NOT_FOUND', `There is no SGX device at ${path}.`, {
      hint: 'Run the program inside Occlum, or with occlum-sim.',
      cause,
    });
  });
  if (info.isSocket()) return new IoctlDevice('simulated', await connectTransport(path));
  if (info.isCharacterDevice()) return new IoctlDevice('hardware', await openCharacterDevice(path, addon));
  throw new TeeError('ERR_DEVICE_UNSUPPORTED', `${path} cannot be used as an SGX device.`, {
    expected: 'a character device, or the unix socket of a simulated device',
    actual: 'something else',
  });
}

function connectTransport(path: string): Promise<IoctlTransport> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', (cause) => {
      reject(new TeeError('ERR_DEVICE_NOT_FOUND', `Nobody serves the SGX device at ${path}.`, { cause }));
    });
    socket.once('connect', () => resolve(new SocketTransport(socket)));
  });
}

interface Waiter {
  resolve(answer: { errno: number; payload: Uint8Array }): void;
  reject(error: TeeError): void;
}

/** One connection; answers are matched to requests by their order. It keeps the process alive only while one is open. */
class SocketTransport implements IoctlTransport {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #waiters: Waiter[] = [];
  #failure: TeeError | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.removeAllListeners('error');
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (cause) => this.#fail(closed(cause)));
    socket.on('close', () => this.#fail(closed()));
    socket.unref();
  }

  ioctl(request: number, payload: Uint8Array): Promise<{ errno: number; payload: Uint8Array }> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiters.push({ resolve, reject });
      this.#socket.ref();
      this.#socket.write(encodeFrame({ head: request, payload }));
    });
  }

  close(): Promise<void> {
    this.#fail(closed());
    return Promise.resolve();
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        const waiter = this.#waiters.shift();
        if (waiter === undefined) throw new TeeError('ERR_DEVICE_PROTOCOL', 'The device answered what was not asked.');
        waiter.resolve({ errno: frame.head | 0, payload: frame.payload });
      }
    } catch (error) {
      this.#fail(error instanceof TeeError ? error : closed(error));
    }
    if (this.#waiters.length === 0) this.#socket.unref();
  }

  #fail(error: TeeError): void {
    this.#failure ??= error;
    this.#socket.destroy();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
  }
}

function closed(cause?: unknown): TeeError {
  return new TeeError('ERR_DEVICE_CLOSED', 'The connection to the SGX device is closed.', { cause });
}
