import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * How an ioctl travels over the simulated device's unix socket. Both directions: `[u32 LE head][u32 LE length]
 * [payload]`; the head is the request number one way and the error number (0 or EINVAL) the other. The payload holds
 * the buffers that the ioctl's argument points to, in the order of its fields, without lengths: they are fixed (see
 * payload.ts). Answers come in the order of the requests.
 */
export interface DeviceFrame {
  head: number;
  payload: Uint8Array;
}

/** Longest payload: far above any quote, far below what hurts. */
export const maxFramePayload = 65_536;

/** Writes one frame. @throws {TeeError} ERR_DEVICE_PROTOCOL for a payload above {@link maxFramePayload}. */
export function encodeFrame(frame: DeviceFrame): Uint8Array {
  if (frame.payload.length > maxFramePayload) throw tooLong(frame.payload.length);
  const bytes = new Uint8Array(8 + frame.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, frame.head, true);
  view.setUint32(4, frame.payload.length, true);
  bytes.set(frame.payload, 8);
  return bytes;
}

/** Cuts a byte stream into frames. It holds at most one unfinished frame. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * Takes the next bytes of the stream and returns the frames they complete.
   * @throws {TeeError} ERR_DEVICE_PROTOCOL for a length above {@link maxFramePayload}; the stream is then unusable.
   */
  push(chunk: Uint8Array): DeviceFrame[] {
    const bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    const view = new DataView(bytes.buffer);
    const frames: DeviceFrame[] = [];
    let offset = 0;
    while (bytes.length - offset >= 8) {
      const length = view.getUint32(offset + 4, true);
      if (length > maxFramePayload) throw tooLong(length);
      if (bytes.length - offset - 8 < length) break;
      frames.push({ head: view.getUint32(offset, true), payload: bytes.slice(offset + 8, offset + 8 + length) });
      offset += 8 + length;
    }
    this.#rest = bytes.slice(offset);
    return frames;
  }
}

function tooLong(length: number): TeeError {
  return new TeeError('ERR_DEVICE_PROTOCOL', 'A frame of the device is too long.', {
    expected: `at most ${maxFramePayload} bytes`,
    actual: `${length} bytes`,
  });
}
