import { isTeeError } from '@neo-service-layer/tee-interface';
import { channelCrypto } from '#crypto';
import { concatBytes } from '../bytes.ts';
import type { AeadKey } from '../crypto/contract.ts';
import { encodeFields, FieldReader } from '../wire.ts';
import type { PreSharedKey } from './handshake.ts';

const nonceLength = 12;
const label = new TextEncoder().encode('tee-channel/1 ticket');

/**
 * Tickets that the enclave hands out and keeps no list of: each holds its secret, sealed under a key that exists in this
 * boot's memory only. So no ticket outlives a restart, and none opens in another enclave.
 */
export class Tickets {
  readonly #key: Promise<AeadKey>;

  constructor() {
    const raw = channelCrypto.randomBytes(32);
    this.#key = channelCrypto.aeadKey(raw);
    raw.fill(0);
  }

  /** @param expires unix seconds */
  async issue(secret: Uint8Array, expires: number): Promise<Uint8Array> {
    const nonce = channelCrypto.randomBytes(nonceLength);
    const key = await this.#key;
    return concatBytes(nonce, await key.seal(nonce, label, encodeFields([secret, Math.floor(expires)])));
  }

  /** The ticket's secret; null for what this enclave did not issue in this boot, or too long ago. */
  async redeem(ticket: Uint8Array, now: number): Promise<PreSharedKey | null> {
    if (ticket.length <= nonceLength) return null;
    const key = await this.#key;
    const opened = await key.open(ticket.subarray(0, nonceLength), label, ticket.subarray(nonceLength));
    if (opened === null) return null;
    try {
      const reader = new FieldReader(opened);
      if (reader.array() !== 2) return null;
      const [secret, expires] = [reader.bytes(32), reader.uint()];
      return expires > now ? { secret: secret.slice(), ticket: ticket.slice() } : null;
    } catch (error) {
      if (isTeeError(error)) return null;
      throw error;
    }
  }
}
