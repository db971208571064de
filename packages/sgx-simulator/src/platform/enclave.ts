import { type randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type DeviceRequestName,
  deviceRequestName,
  EINVAL,
  encodeTargetInfo,
  encodeU32,
  IoctlDevice,
  parseCreateReport,
  parseKeyRequest,
  parseQuoteRequest,
  parseReport,
  parseTargetInfo,
  type SgxDevice,
} from '@neo-service-layer/attestation/device';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { aesCmac } from './aes-cmac.ts';
import { getKey, type ReportTarget, reportKey } from './get-key.ts';
import type { EnclaveIdentity, Processor } from './identity.ts';
import { makeReport } from './make-report.ts';
import type { QuoteSigner } from './quote.ts';

/** A target that no enclave is: reports for it can be read, but never checked. */
const nobody: ReportTarget = {
  mrEnclave: new Uint8Array(32),
  attributes: { flags: 0n, xfrm: 0n },
  miscSelect: 0,
  configId: new Uint8Array(64),
  configSvn: 0,
};

/** A launched enclave: answers the requests of Occlum's `/dev/sgx` (occlum-contract §4.1) as its processor would. */
export class SimulatedEnclave {
  readonly identity: EnclaveIdentity;
  readonly #processor: Processor;
  readonly #quotes: QuoteSigner;
  readonly #rng: typeof randomBytes;

  /** Use SimulatedPlatform.launch: it is what checks that the identity was signed for. */
  constructor(identity: EnclaveIdentity, processor: Processor, quotes: QuoteSigner, rng: typeof randomBytes) {
    this.identity = identity;
    this.#processor = processor;
    this.#quotes = quotes;
    this.#rng = rng;
  }

  /** Answers one ioctl; whatever is wrong with it, the error number is EINVAL and nothing changes. */
  ioctl(request: number, payload: Uint8Array): { errno: number; payload: Uint8Array } {
    const name = deviceRequestName(request);
    let answer: Uint8Array | null;
    try {
      answer = name === undefined ? null : this.#answer(name, payload);
    } catch (error) {
      if (!isTeeError(error)) throw error;
      answer = null;
    }
    return answer === null ? { errno: EINVAL, payload: new Uint8Array(0) } : { errno: 0, payload: answer };
  }

  /** The device as the enclave's program would open it, without a socket in between. */
  device(): SgxDevice {
    return new IoctlDevice('simulated', {
      ioctl: async (request, payload) => this.ioctl(request, payload),
      close: async () => undefined,
    });
  }

  /** The key for a request of 512 bytes, or null where EGETKEY refuses. @throws {TeeError} ERR_DEVICE_STRUCT */
  getKey(request: Uint8Array): Uint8Array | null {
    return getKey(this.#processor, this.identity, parseKeyRequest(request));
  }

  #answer(name: DeviceRequestName, payload: Uint8Array): Uint8Array | null {
    switch (name) {
      case 'isEdmmSupported':
        return payload.length === 0 ? encodeU32(0) : null;
      case 'selfTarget':
        return payload.length === 0 ? encodeTargetInfo(this.identity) : null;
      case 'createReport':
        return this.#createReport(payload);
      case 'verifyReport':
        return this.#isReportForMe(payload) ? new Uint8Array(0) : null;
      case 'detectDcapDriver':
        return payload.length === 0 ? encodeU32(1) : null;
      case 'getDcapQuoteSize':
        return payload.length === 0 ? encodeU32(this.#quotes.size) : null;
      case 'generateDcapQuote':
        return this.#generateQuote(payload);
      case 'getKey':
        return this.getKey(payload);
      // There is no EPID here, and no quote verification enclave: programs verify quotes themselves.
      case 'getEpidGroupId':
      case 'generateEpidQuote':
      case 'getDcapSupplementalSize':
      case 'verifyDcapQuote':
        return null;
    }
  }

  #createReport(payload: Uint8Array): Uint8Array {
    const { targetInfo, reportData = new Uint8Array(64) } = parseCreateReport(payload);
    const target = targetInfo === undefined ? nobody : parseTargetInfo(targetInfo);
    return makeReport(this.#processor, this.identity, { target, reportData, keyId: this.#rng(32) });
  }

  #isReportForMe(payload: Uint8Array): boolean {
    const report = parseReport(payload);
    // Over the bytes as they came: reserved ones included.
    const mac = aesCmac(reportKey(this.#processor, this.identity, report.keyId), payload.subarray(0, 384));
    return timingSafeEqual(mac, report.mac);
  }

  #generateQuote(payload: Uint8Array): Uint8Array | null {
    const { reportData, quoteSize } = parseQuoteRequest(payload);
    if (quoteSize < this.#quotes.size) return null;
    const quote = this.#quotes.quote(this.identity, reportData);
    return new Uint8Array(Buffer.concat([encodeU32(quote.length), quote]));
  }
}
