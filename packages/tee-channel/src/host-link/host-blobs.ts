/**
 * A few small blobs that the host keeps for the enclave: sealed bytes, so the host learns their names and sizes. It may
 * lose, change or withhold each; whoever opens one notices. The host in turn takes only short names and bounded sizes.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { answeredWithin } from './answered-within.ts';
import type { HostLink, LinkHandler } from './link.ts';
import { hostCalls } from './vocabulary.ts';

/** Where the blobs lie. */
export interface HostBlobs {
  /** The bytes under a key, or null when there are none. @throws {TeeError} ERR_HOST_BLOBS */
  get(key: string): Promise<Uint8Array | null>;
  /** Keeps bytes under a key in the place of what was there; durable when it resolves. @throws {TeeError} ERR_HOST_BLOBS */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

const hint = 'Without its sealed bytes the enclave goes on as if they were unreadable.';

/** Longest blob that either end sends or takes. */
export const maxHostBlobBytes: number = 1024 * 1024;

/** Whether a string can be a key: 1 to 120 of a-z, 0-9, dots and dashes, beginning with a letter. */
export function isHostBlobKey(key: string): boolean {
  return /^[a-z][a-z0-9.-]{0,119}$/.test(key);
}

/**
 * The host's end: answers the enclave's calls out of a store. Everything else is an unknown method.
 * The handler rejects with ERR_LINK_PROTOCOL for a key or size out of bounds, and with what the store throws.
 */
export function answerHostBlobs(blobs: HostBlobs): LinkHandler {
  return async (name, body) => {
    if (name === hostCalls.blobGet) {
      const bytes = await blobs.get(requireKey(new TextDecoder().decode(body)));
      return encodeCanonical(bytes);
    }
    if (name === hostCalls.blobPut) {
      const value = decodeCanonical(body);
      const [key, bytes] = Array.isArray(value) && value.length === 2 ? value : [];
      await blobs.put(requireKey(key), requireBytes(bytes));
      return new Uint8Array();
    }
    throw new TeeError('ERR_UNKNOWN_METHOD', 'The host does not know this call.');
  };
}

/**
 * The enclave's end. A host that keeps no blobs answers ERR_UNKNOWN_METHOD, one that does not answer at all makes calls
 * fail with ERR_HOST_BLOBS after the timeout. Neither is ever taken for "there is none".
 */
export function hostBlobsOver(link: Promise<HostLink>, timeoutMs = 15_000): HostBlobs {
  const call = async (name: string, body: Uint8Array) => answeredWithin(timeoutMs, (await link).call(name, body), hint);
  return {
    get: async (key) => {
      const value = decodeCanonical(await call(hostCalls.blobGet, new TextEncoder().encode(requireKey(key))));
      return value === null ? null : requireBytes(value);
    },
    put: async (key, bytes) => {
      await call(hostCalls.blobPut, encodeCanonical([requireKey(key), requireBytes(bytes)]));
    },
  };
}

function requireKey(key: CborValue | undefined): string {
  if (typeof key === 'string' && isHostBlobKey(key)) return key;
  throw new TeeError('ERR_LINK_PROTOCOL', 'A blob has a short key of a-z, 0-9, dots and dashes.');
}

function requireBytes(bytes: CborValue | undefined): Uint8Array {
  if (bytes instanceof Uint8Array && bytes.length <= maxHostBlobBytes) return Uint8Array.from(bytes);
  throw new TeeError('ERR_LINK_PROTOCOL', 'A blob is bytes, and not too many of them.', {
    expected: `at most ${maxHostBlobBytes} bytes`,
    actual: bytes instanceof Uint8Array ? `${bytes.length} bytes` : 'no bytes',
  });
}
