import { decodeEvidenceBundle, type EvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import type { Transport } from './transport.ts';

/** How an {@link HttpTransport} behaves. */
export interface HttpTransportOptions {
  /** Milliseconds until a request is given up. Default 330,000: longer than any call may run. */
  timeoutMs?: number;
  /** Largest answer accepted, in bytes. Default 40 MiB. */
  maxResponseBytes?: number;
  /** The fetch to use. Default the platform's. */
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
  readonly #fetch: typeof globalThis.fetch;

  constructor(baseUrl: string | URL, options: HttpTransportOptions = {}) {
    this.#base = String(baseUrl).replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? 330_000;
    this.#maxBytes = options.maxResponseBytes ?? 40 * 1024 * 1024;
    // Called as a bare function: browsers refuse fetch with another `this`.
    const chosen = options.fetch ?? globalThis.fetch;
    this.#fetch = (input, init) => chosen(input, init);
  }

  async evidence(): Promise<EvidenceBundle> {
    return decodeEvidenceBundle(await this.#request('/v1/evidence', { method: 'GET' }));
  }

  exchange(message: Uint8Array): Promise<Uint8Array> {
    const body = new Uint8Array(message);
    return this.#request('/v1/channel', { method: 'POST', headers: { 'content-type': 'application/cbor' }, body });
  }

  async close(): Promise<void> {
    // Requests are independent; nothing is held open.
  }

  async #request(path: string, init: RequestInit): Promise<Uint8Array> {
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs);
      const response = await this.#fetch(this.#base + path, { ...init, signal, redirect: 'error' });
      const bytes = await readBounded(response, this.#maxBytes);
      if (response.ok) return bytes;
      throw new TeeError('ERR_TRANSPORT', `The relay answered ${response.status}.`, {
        expected: '200',
        actual: String(response.status),
        hint: 'Is the enclave behind this relay running?',
      });
    } catch (cause) {
      if (cause instanceof TeeError) throw cause;
      throw new TeeError('ERR_TRANSPORT', 'The relay could not be reached.', {
        expected: `an answer from ${this.#base}${path}`,
        actual: cause instanceof Error ? cause.name : typeof cause,
        hint: 'Check the address. If a call was on its way, it may have been executed.',
        cause,
      });
    }
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      throw new TeeError('ERR_TRANSPORT', 'The relay sent more than any answer can be long.', {
        expected: `at most ${maxBytes} bytes`,
        actual: `more than ${length - 1} bytes`,
      });
    }
    chunks.push(next.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
