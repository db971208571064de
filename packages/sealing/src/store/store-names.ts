import { createHmac } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { isText } from '../format/text.ts';
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

  /** 16 bytes that stand for a name. @throws {TeeError} ERR_INVALID_ARGUMENT for a name beyond 65535 bytes, or not text */
  id(name: string): Uint8Array {
    if (name.length > 0xffff || Buffer.byteLength(name) > 0xffff) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'A name has at most 65535 bytes.');
    }
    if (!isText(name)) throw new TeeError('ERR_INVALID_ARGUMENT', 'A name is text that UTF-8 can encode.');
    return createHmac('sha256', this.#key).update(`name ${this.prefix} ${name}`).digest().subarray(0, 16);
  }

  /**
   * Where a value lies. What one commit writes lies together, which saves the host most of its work: a B+ tree then
   * changes a few pages and not one for each value.
   */
  valueKey(id: Uint8Array, version: number): string {
    return `${this.prefix}.v${version.toString(16).padStart(8, '0')}${toHex(id)}`;
  }

  historyKey(epoch: number): string {
    return `${this.prefix}.h${epoch}`;
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
