import { crypto } from '#crypto';
import { toHex } from '../bytes/hex.ts';
import type { P256PublicKey } from '../crypto/backend.ts';

/** Memory of a checker: entries, each of some hundred bytes. */
const maxRemembered = 512;

/**
 * Checks ECDSA signatures, and remembers the keys it imported and the signatures that held. That is safe: whether a
 * signature holds depends on nothing but key, signature and data, and all three are in the memory's key. Failures are
 * not remembered, so hostile input cannot push out what is useful.
 */
export class SignatureChecker {
  readonly #keys = new Map<string, P256PublicKey>();
  readonly #held = new Map<string, true>();
  /** Verifications made, without those remembered. */
  verifications = 0;
  /** Keys imported, without those remembered. */
  imports = 0;

  /**
   * @param point 64 bytes: x and y
   * @param signature 64 bytes: r and s
   * @returns false for a bad signature and for a key that is no point of the curve
   */
  async verify(point: Uint8Array, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
    const pointHex = toHex(point);
    const id = pointHex + toHex(signature) + toHex(await crypto.sha256(data));
    if (this.#held.has(id)) return true;
    const key = await this.#import(point, pointHex);
    if (!key) return false;
    this.verifications += 1;
    if (!(await crypto.verifyP256(key, signature, data))) return false;
    remember(this.#held, id, true);
    return true;
  }

  async #import(point: Uint8Array, id: string): Promise<P256PublicKey | null> {
    const known = this.#keys.get(id);
    if (known) return known;
    this.imports += 1;
    const key = await crypto.importP256PublicKey(point);
    if (key) remember(this.#keys, id, key);
    return key;
  }
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  // A Map keeps the order of insertion: the first key is the oldest.
  const [oldest] = map.keys();
  if (map.size >= maxRemembered && oldest !== undefined) map.delete(oldest);
  map.set(id, value);
}
