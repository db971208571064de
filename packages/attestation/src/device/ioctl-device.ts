import { TeeError } from '@neo-service-layer/tee-interface';
import { keyRequestSize, keySize, reportSize, targetInfoSize } from './constants.ts';
import { maxFramePayload } from './frame.ts';
import { type CreateReportInput, encodeCreateReport, encodeQuoteRequest, parseU32 } from './payload.ts';
import { refusal } from './refusal.ts';
import { type DeviceRequestName, deviceRequests } from './requests.ts';
import type { SgxDevice } from './sgx-device.ts';
import { requireLength, StructReader } from './struct.ts';

/** Carries one ioctl: request number and input buffers there, error number and output buffers back. */
export interface IoctlTransport {
  ioctl(request: number, payload: Uint8Array): Promise<{ errno: number; payload: Uint8Array }>;
  close(): Promise<void>;
}

/** The {@link SgxDevice} over any transport: writes the requests, and checks the shape of every answer. */
export class IoctlDevice implements SgxDevice {
  readonly kind: SgxDevice['kind'];
  readonly #transport: IoctlTransport;

  constructor(kind: SgxDevice['kind'], transport: IoctlTransport) {
    this.kind = kind;
    this.#transport = transport;
  }

  selfTarget(): Promise<Uint8Array> {
    return this.#request('selfTarget', new Uint8Array(0), targetInfoSize);
  }

  async createReport(input: CreateReportInput = {}): Promise<Uint8Array> {
    return this.#request('createReport', encodeCreateReport(input), reportSize);
  }

  async verifyReport(report: Uint8Array): Promise<void> {
    requireLength('report', report, reportSize);
    await this.#request('verifyReport', report, 0);
  }

  async isEdmmSupported(): Promise<boolean> {
    return (await this.#number('isEdmmSupported')) !== 0;
  }

  async detectDcapDriver(): Promise<boolean> {
    return (await this.#number('detectDcapDriver')) !== 0;
  }

  async quoteSize(): Promise<number> {
    const size = await this.#number('getDcapQuoteSize');
    if (size === 0 || size > maxFramePayload - 4) throw wrongShape('getDcapQuoteSize', `a quote of ${size} bytes`);
    return size;
  }

  async generateQuote(reportData: Uint8Array): Promise<Uint8Array> {
    const capacity = await this.quoteSize();
    const answer = await this.#request('generateDcapQuote', encodeQuoteRequest(reportData, capacity));
    const size = answer.length < 4 ? 0 : parseU32(answer.subarray(0, 4));
    if (size === 0 || size > capacity || answer.length !== size + 4) {
      throw wrongShape('generateDcapQuote', `${answer.length} bytes, a quote of ${size}, room for ${capacity}`);
    }
    return new StructReader('quote', answer, size + 4).bytes(4, size);
  }

  async getKey(request: Uint8Array): Promise<Uint8Array> {
    requireLength('key request', request, keyRequestSize);
    return this.#request('getKey', request, keySize);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #number(name: DeviceRequestName): Promise<number> {
    return parseU32(await this.#request(name, new Uint8Array(0), 4));
  }

  async #request(name: DeviceRequestName, payload: Uint8Array, length?: number): Promise<Uint8Array> {
    const answer = await this.#transport.ioctl(deviceRequests[name], payload);
    if (answer.errno !== 0) throw refusal(name, answer.errno);
    if (length !== undefined && answer.payload.length !== length) {
      throw wrongShape(name, `${answer.payload.length} bytes`, `${length} bytes`);
    }
    return answer.payload;
  }
}

function wrongShape(name: string, actual: string, expected?: string): TeeError {
  return new TeeError('ERR_DEVICE_PROTOCOL', `The answer of the SGX device to ${name} has the wrong shape.`, {
    ...(expected === undefined ? {} : { expected }),
    actual,
  });
}
