import { decodeEvidenceBundle, type EvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { platformCarrier } from '#http';
import type { HttpCarrier } from './http/carrier.ts';
import { fetchCarrier } from './http/fetch-carrier.ts';
import type { Transport } from './transport.ts';

/** How an {@link HttpTransport} behaves. */
export interface HttpTransportOptions {
  /** Milliseconds until a request is given up. Default 330,000: longer than any call may run. */
  timeoutMs?: number;
  /** Largest answer accepted, in bytes. Default 40 MiB. */
  maxResponseBytes?: number;
  /**
   * Asks a host with several enclaves for any of them, the one with the least to do, instead of the one that keeps what
   * users store: what needs that is refused there with ERR_NOT_KEEPER, signing in too where the enclave looks users up.
   * Default false.
   */
  stateless?: boolean;
  /** The fetch to use. Default the platform's own in browsers, `node:http` in Node. */
  fetch?: typeof globalThis.fetch;
}

/**
 * Reaches the enclave through a host's HTTP relay: `GET {base}/v1/evidence` and `POST {base}/v1/channel`, both CBOR.
 * Works in Node and in browsers. Needs no TLS for secrecy: what it carries is sealed between client and enclave.
 */
export class HttpTransport implements Transport {
  readonly #base: string;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  readonly #carry: HttpCarrier;
  readonly #evidencePath: string;

  constructor(baseUrl: string | URL, options: HttpTransportOptions = {}) {
    this.#base = String(baseUrl).replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? 330_000;
    this.#maxBytes = options.maxResponseBytes ?? 40 * 1024 * 1024;
    this.#evidencePath = options.stateless === true ? '/v1/evidence?stateless' : '/v1/evidence';
    const chosen = options.fetch;
    this.#carry = chosen === undefined ? platformCarrier : fetchCarrier((input, init) => chosen(input, init));
  }

  async evidence(): Promise<EvidenceBundle> {
    return decodeEvidenceBundle(await this.#request(this.#evidencePath, 'GET'));
  }

  exchange(message: Uint8Array): Promise<Uint8Array> {
    return this.#request('/v1/channel', 'POST', message);
  }

  async close(): Promise<void> {
    // Requests are independent; idle connections keep no process.
  }

  async #request(path: string, method: 'GET' | 'POST', body?: Uint8Array): Promise<Uint8Array> {
    const url = this.#base + path;
    try {
      const answer = await this.#carry({ url, method, body, timeoutMs: this.#timeoutMs, maxBytes: this.#maxBytes });
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new TeeError('ERR_TRANSPORT', `The relay answered ${answer.status}.`, {
        expected: '200',
        actual: String(answer.status),
        hint: 'Is the enclave behind this relay running?',
      });
    } catch (cause) {
      if (cause instanceof TeeError) throw cause;
      throw new TeeError('ERR_TRANSPORT', 'The relay could not be reached.', {
        expected: `an answer from ${url}`,
        actual: cause instanceof Error ? cause.name : typeof cause,
        hint: 'Check the address. If a call was on its way, it may have been executed.',
        cause,
      });
    }
  }
}
