import { TeeError } from '@neo-service-layer/tee-interface';
import { keyRequestSize, keySize, reportSize } from './constants.ts';
import { maxFramePayload } from './frame.ts';
import { encodeU32, parseCreateReport, parseQuoteRequest, parseU32 } from './payload.ts';
import { deviceRequestName } from './requests.ts';
import { requireLength } from './struct.ts';

/** An ioctl as the kernel takes it, made of a request's payload, and the payload of its answer. */
export interface DeviceArgument {
  /** The argument itself; its length is the one in the request number. Addresses in it are still zero. */
  argument: Uint8Array;
  /** Where in `argument` which buffer's address belongs. A buffer that is absent stays NULL. */
  pointers: [offset: number, bytes: Uint8Array][];
  /** To be called after success: copies out what the device wrote. */
  answer: () => Uint8Array;
}

/**
 * Lays out a payload of payload.ts as the C structures of Occlum's `/dev/sgx` (occlum-contract §4.1).
 * @throws {TeeError} ERR_DEVICE_UNSUPPORTED for a request that enclaves of ours do not make (EPID, verification by the
 * host's QvE); ERR_DEVICE_STRUCT for a payload that is not the request's
 */
export function deviceArgument(request: number, payload: Uint8Array): DeviceArgument {
  const name = deviceRequestName(request);
  const argument = new Uint8Array((request >>> 16) & 0x3fff);
  const whole = () => new Uint8Array(argument);
  switch (name) {
    case 'isEdmmSupported':
    case 'detectDcapDriver':
    case 'getDcapQuoteSize':
    case 'selfTarget':
      requireLength(`payload of ${name}`, payload, 0);
      return { argument, pointers: [], answer: whole };
    case 'verifyReport':
      requireLength('report', payload, argument.length);
      argument.set(payload);
      return { argument, pointers: [], answer: () => new Uint8Array(0) };
    case 'createReport':
      return createReport(argument, payload);
    case 'generateDcapQuote':
      return generateQuote(argument, payload);
    case 'getKey': {
      requireLength('key request', payload, keyRequestSize);
      const key = new Uint8Array(keySize);
      return {
        argument,
        pointers: [
          [0, new Uint8Array(payload)],
          [8, key],
        ],
        answer: () => key,
      };
    }
    default:
      throw new TeeError('ERR_DEVICE_UNSUPPORTED', 'This request is not made of a real SGX device.', {
        actual: name ?? `request 0x${request.toString(16)}`,
      });
  }
}

function createReport(argument: Uint8Array, payload: Uint8Array): DeviceArgument {
  const { targetInfo, reportData } = parseCreateReport(payload);
  const report = new Uint8Array(reportSize);
  const pointers: DeviceArgument['pointers'] = [[16, report]];
  if (targetInfo !== undefined) pointers.push([0, targetInfo]);
  if (reportData !== undefined) pointers.push([8, reportData]);
  return { argument, pointers, answer: () => report };
}

function generateQuote(argument: Uint8Array, payload: Uint8Array): DeviceArgument {
  const { reportData, quoteSize } = parseQuoteRequest(payload);
  if (quoteSize > maxFramePayload - 4) {
    throw new TeeError('ERR_DEVICE_STRUCT', 'No quote is that long.', { actual: `${quoteSize} bytes` });
  }
  const size = encodeU32(quoteSize);
  const quote = new Uint8Array(quoteSize);
  return {
    argument,
    pointers: [
      [0, reportData],
      [8, size],
      [16, quote],
    ],
    // A size above the buffer leaves fewer bytes than it says, which the caller refuses.
    answer: () => Uint8Array.from([...size, ...quote.subarray(0, parseU32(size))]),
  };
}
