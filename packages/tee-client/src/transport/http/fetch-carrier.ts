import { BoundedBytes } from './bounded-bytes.ts';
import type { HttpCarrier } from './carrier.ts';

/** A carrier over a fetch of the platform's, or one with the same face. */
export function fetchCarrier(fetch: typeof globalThis.fetch): HttpCarrier {
  return async ({ url, method, body, timeoutMs, maxBytes }) => {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/cbor' }, body: new Uint8Array(body) }),
    });
    const bytes = new BoundedBytes(maxBytes);
    const reader = response.body?.getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      try {
        bytes.add(next.value);
      } catch (error) {
        await reader?.cancel();
        throw error;
      }
    }
    return { status: response.status, body: bytes.whole() };
  };
}
