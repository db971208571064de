import { TeeError } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { reportDataSize } from '../device/constants.ts';
import { parseReport, type Report } from '../device/report.ts';
import type { SgxDevice } from '../device/sgx-device.ts';
import { requireLength } from '../device/struct.ts';
import { parseQuote } from '../quote/parse-quote.ts';
import {
  defaultRetries,
  detectQuotingService,
  type QuotingService,
  type RetrySchedule,
  requestQuote,
} from './quoting-service.ts';

/** Options of an {@link OcclumAttestationProvider}. */
export interface ProviderOptions {
  /** How a refusal is asked for again. Default: five times within six seconds. */
  retries?: RetrySchedule;
}

/**
 * The enclave's own side of attestation: reports of itself and quotes about itself, through the device of Occlum (or of
 * the simulator). Runs inside the enclave, on Node 18 as well.
 *
 * Guarantees: a quote that it returns speaks of this enclave and holds the report data that was asked for, whatever
 * the host put in between; quotes are made one after the other; a failure says what to check on the host. It does not
 * verify signatures: whoever receives the quote does.
 */
export class OcclumAttestationProvider {
  readonly #device: SgxDevice;
  readonly #retries: RetrySchedule;
  #service: Promise<QuotingService> | null = null;
  #self: Promise<Report> | null = null;
  /** The tail of the queue of quotes. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: SgxDevice, options: ProviderOptions = {}) {
    this.#device = device;
    this.#retries = options.retries ?? defaultRetries;
  }

  /** `simulated` when everything here is the host's word alone. */
  get kind(): SgxDevice['kind'] {
    return this.#device.kind;
  }

  /** The enclave as the CPU describes it: read once, since it cannot change while the enclave lives. */
  selfReport(): Promise<Report> {
    this.#self ??= this.#device.createReport().then(parseReport);
    this.#self.catch(() => {
      this.#self = null;
    });
    return this.#self;
  }

  /**
   * Whether quotes are to be had, without making one. Found out once; a failure is found out anew each time.
   * @throws {TeeError} ERR_QUOTE_UNAVAILABLE with what to check
   */
  detect(): Promise<QuotingService> {
    this.#service ??= detectQuotingService(this.#device, this.#retries);
    this.#service.catch(() => {
      this.#service = null;
    });
    return this.#service;
  }

  /**
   * A quote with these bytes in it.
   * @param reportData 64 bytes
   * @throws {TeeError} ERR_QUOTE_UNAVAILABLE; ERR_DEVICE_STRUCT for another length; ERR_DEVICE_PROTOCOL when the quote
   * that came is another one than was asked for
   */
  quote(reportData: Uint8Array): Promise<Uint8Array> {
    requireLength('report data', reportData, reportDataSize);
    const wanted = new Uint8Array(reportData);
    // The service answers BUSY to the second of two requests at once.
    const quote = this.#last.then(() => this.#make(wanted));
    this.#last = quote.catch(() => undefined);
    return quote;
  }

  async #make(reportData: Uint8Array): Promise<Uint8Array> {
    await this.detect();
    const quote = await requestQuote(this.#device, reportData, this.#retries);
    requireOwn(quote, reportData, await this.selfReport());
    return quote;
  }
}

/** The quote passes through the host, which might answer with one of another enclave, or of another time. */
function requireOwn(quote: Uint8Array, reportData: Uint8Array, self: Report): void {
  const { body } = parseQuote(quote);
  if (body.kind !== 'sgx') throw foreign('the kind of TEE', 'sgx', body.kind);
  if (!equalBytes(body.mrEnclave, self.body.mrEnclave)) {
    throw foreign('MRENCLAVE', toHex(self.body.mrEnclave), toHex(body.mrEnclave));
  }
  if (!equalBytes(body.reportData, reportData)) {
    throw foreign('report data', toHex(reportData), toHex(body.reportData));
  }
}

function foreign(what: string, expected: string, actual: string): TeeError {
  return new TeeError('ERR_DEVICE_PROTOCOL', `The quote that the device gave has another ${what} than was asked for.`, {
    expected,
    actual,
    hint: 'The host answered with another quote. Do not trust it.',
  });
}
