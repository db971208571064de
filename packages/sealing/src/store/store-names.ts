import { TeeError } from '@neo-service-layer/tee-interface';
import { hmacSha256 } from '../keys/key-schedule.ts';

const encoder = new TextEncoder();

/** The names under which a store's bytes lie on the host: keyed hashes, which say nothing about what they stand for. */
export class StoreNames {
  /** Keyed hash of the namespace: all that the host and the anchor see of it. */
  readonly prefix: string;
  readonly #key: Uint8Array;

  /** @param key 32 bytes that only enclaves of the keyring know */
  constructor(key: Uint8Array, namespace: string) {
    this.#key = key;
    this.prefix = toHex(hmacSha256(key, encoder.encode(`namespace ${namespace}`)).subarray(0, 16));
  }

  /** Key of the one record that everything hangs on. */
  get stateKey(): string {
    return `${this.prefix}.s`;
  }

  /** 16 bytes that stand for a name. @throws {TeeError} ERR_INVALID_ARGUMENT for a name beyond 65535 bytes */
  id(name: string): Uint8Array {
    const bytes = encoder.encode(name);
    if (bytes.length > 0xffff) throw new TeeError('ERR_INVALID_ARGUMENT', 'A name has at most 65535 bytes.');
    return hmacSha256(this.#key, encoder.encode(`name ${this.prefix} `), bytes).subarray(0, 16);
  }

  /** The name that a value's blob is sealed under, so that no blob passes for another entry's. */
  blobName(id: Uint8Array): string {
    return `${this.prefix}/${toHex(id)}`;
  }

  valueKey(id: Uint8Array): string {
    return `${this.prefix}.v${toHex(id)}`;
  }

  historyKey(epoch: number): string {
    return `${this.prefix}.h${epoch}`;
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
