/**
 * The host's key-value store of the enclave's sealed values (`HostBlobStore` of sealing). The host learns keys, sizes and
 * times, and may lose, change or turn back all of it: the enclave trusts none of what comes.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { answeredWithin } from './answered-within.ts';
import type { HostLink, LinkHandler } from './link.ts';
import { hostCalls } from './vocabulary.ts';

/** A store of bytes under keys of a-z, 0-9 and dots. */
export interface HostStore {
  getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]>;
  /** All changes or none; durable when it resolves. */
  write(changes: readonly { key: string; value: Uint8Array | null }[]): Promise<void>;
}

const maxKeys = 65_536;

/** The host's end. Rejects with ERR_LINK_PROTOCOL for what is no such call, and with what the store throws. */
export function answerHostStore(store: HostStore): LinkHandler {
  return async (name, body) => {
    if (name === hostCalls.storeGet) {
      const keys = listOf(decodeCanonical(body)).map(requireKey);
      return encodeCanonical(await store.getMany(keys));
    }
    if (name === hostCalls.storeWrite) {
      const changes = listOf(decodeCanonical(body)).map((change) => {
        const [key, value, ...more] = Array.isArray(change) ? change : [];
        if (more.length > 0) throw malformed('a key and a value');
        return { key: requireKey(key), value: requireValue(value) };
      });
      await store.write(changes);
      return new Uint8Array();
    }
    throw new TeeError('ERR_UNKNOWN_METHOD', 'The host does not know this call.');
  };
}

/**
 * The enclave's end. A host that keeps no store answers ERR_UNKNOWN_METHOD; one that is silent makes calls fail with
 * ERR_HOST_BLOBS after the timeout.
 */
export function hostStoreOver(link: Promise<HostLink>, timeoutMs = 15_000): HostStore {
  const hint = 'Look at what the host says of its store; the call may be repeated.';
  const call = async (name: string, body: Uint8Array) => answeredWithin(timeoutMs, (await link).call(name, body), hint);
  return {
    getMany: async (keys) => {
      const values = listOf(decodeCanonical(await call(hostCalls.storeGet, encodeCanonical([...keys]))));
      if (values.length !== keys.length) throw malformed(`${keys.length} values`);
      return values.map(requireValue);
    },
    write: async (changes) => {
      const rows = changes.map(({ key, value }) => [key, value]);
      await call(hostCalls.storeWrite, encodeCanonical(rows));
    },
  };
}

/** Answers what any of these handlers knows. @throws {TeeError} ERR_UNKNOWN_METHOD when none does */
export function firstThatKnows(...handlers: readonly LinkHandler[]): LinkHandler {
  return async (name, body) => {
    for (const handle of handlers) {
      try {
        return await handle(name, body);
      } catch (error) {
        if (!(error instanceof TeeError) || error.code !== 'ERR_UNKNOWN_METHOD') throw error;
      }
    }
    throw new TeeError('ERR_UNKNOWN_METHOD', 'The host does not know this call.');
  };
}

function listOf(value: CborValue): CborValue[] {
  if (Array.isArray(value) && value.length <= maxKeys) return value;
  throw malformed(`a list of at most ${maxKeys}`);
}

function requireKey(value: CborValue | undefined): string {
  if (typeof value === 'string' && /^[a-z0-9.]{1,200}$/.test(value)) return value;
  throw malformed('a key of a-z, 0-9 and dots');
}

function requireValue(value: CborValue | undefined): Uint8Array | null {
  if (value === null) return null;
  // A copy: what the link hands over is a view of a buffer that others are in.
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  throw malformed('bytes, or null');
}

function malformed(expected: string): TeeError {
  return new TeeError('ERR_LINK_PROTOCOL', 'A call about the store of sealed values is not one.', { expected });
}
