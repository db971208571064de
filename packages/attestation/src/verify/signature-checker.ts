import { crypto } from '#crypto';
import { byteKey } from '../bytes/byte-key.ts';
import type { P256PublicKey } from '../crypto/backend.ts';

/** Memory of a checker: entries, each of some hundred bytes. */
const maxRemembered = 512;

/** Keys that every verification meets (Intel's root), imported once in a process. */
const pinnedKeys = new Map<string, P256PublicKey | null>();

/** Marks a key as one that every verification meets. @param point 64 bytes: x and y */
export function pinKey(point: Uint8Array): void {
  pinnedKeys.set(byteKey(point), null);
}

/**
 * Checks ECDSA signatures, and remembers keys and signatures that held. That is safe: whether a signature holds
 * depends on nothing but key, signature and data, and all three are in the memory's key. Nothing of a failure is
 * remembered, so hostile input cannot push out what is useful.
 */
export class SignatureChecker {
  readonly #keys = new Map<string, P256PublicKey>();
  readonly #held = new Map<string, true>();
  /** Verifications made, without those remembered. */
  verifications = 0;
  /** Keys imported, without those remembered. */
  imports = 0;

  /**
   * Checks a signature that will be met again: of a certificate, a document, a platform.
   * @param point 64 bytes: x and y
   * @param signature 64 bytes: r and s
   * @returns false for a bad signature and for a key that is no point of the curve
   */
  async verify(point: Uint8Array, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
    const id = byteKey(point) + byteKey(signature) + byteKey(await crypto.sha256(data));
    if (this.#held.has(id)) return true;
    const held = await this.verifyOnce(point, signature, data);
    if (held) remember(this.#held, id, true);
    return held;
  }

  /** {@link verify} for a signature that will not be met again, as that of a quote: only its key is remembered. */
  async verifyOnce(point: Uint8Array, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
    const id = byteKey(point);
    const known = pinnedKeys.get(id) ?? this.#keys.get(id);
    const key = known ?? (await this.#import(point));
    if (!key) return false;
    this.verifications += 1;
    const held = await crypto.verifyP256(key, signature, data);
    if (held && pinnedKeys.has(id)) pinnedKeys.set(id, key);
    else if (held && !known) remember(this.#keys, id, key);
    return held;
  }

  #import(point: Uint8Array): Promise<P256PublicKey | null> {
    this.imports += 1;
    return crypto.importP256PublicKey(point);
  }
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  // A Map keeps the order of insertion: the first key is the oldest.
  const [oldest] = map.keys();
  if (map.size >= maxRemembered && oldest !== undefined) map.delete(oldest);
  map.set(id, value);
}
