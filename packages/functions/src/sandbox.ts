import type { JsonValue } from '@neo-service-layer/tee-interface';

/** What bytes are written as: themselves, or a text for its UTF-8. */
export type BytesLike = Uint8Array | string;

/** Hashes that the sandbox has. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** Curves that it has: Ed25519 (RFC 8032), and ECDSA on secp256k1. */
export type CurveName = 'ed25519' | 'secp256k1';

/** With `capabilities: ['crypto']`. Errors are a `TypeError` or `RangeError` for what does not fit. */
export interface SandboxCrypto {
  hash(algorithm: HashName, data: BytesLike): Promise<Uint8Array>;
  hmac(algorithm: HashName, key: BytesLike, data: BytesLike): Promise<Uint8Array>;
  hkdf(algorithm: HashName, key: BytesLike, salt: BytesLike, info: BytesLike, length: number): Promise<Uint8Array>;
  /** AES-256-GCM, the tag behind. A nonce of 12 bytes may be used once with a key. */
  encrypt(key: BytesLike, nonce: BytesLike, data: BytesLike, additional?: BytesLike): Promise<Uint8Array>;
  decrypt(key: BytesLike, nonce: BytesLike, data: BytesLike, additional?: BytesLike): Promise<Uint8Array>;
  /** Of a private key of 32 bytes. */
  publicKey(curve: CurveName, key: BytesLike): Promise<Uint8Array>;
  sign(curve: CurveName, key: BytesLike, data: BytesLike): Promise<Uint8Array>;
  verify(curve: CurveName, publicKey: BytesLike, signature: BytesLike, data: BytesLike): Promise<boolean>;
  /** From the CPU. `Math.random` is no source of keys. */
  randomBytes(length: number): Promise<Uint8Array>;
}

/** An answer over http. */
export interface SandboxResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly headers: { get(name: string): string | null; has(name: string): boolean };
  text(): Promise<string>;
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array>;
}

/** With `http: { allow: […] }`. */
export interface SandboxHttp {
  fetch(
    url: string,
    options?: {
      method?: string;
      headers?: Record<string, string>;
      body?: BytesLike;
      redirect?: 'follow' | 'error' | 'manual';
    },
  ): Promise<SandboxResponse>;
}

/** With `storage`. Values are JSON. */
export interface SandboxStorage {
  /** Null for what is not there. */
  get(key: string): Promise<JsonValue>;
  put(key: string, value: JsonValue): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** Keys that begin so, sorted. */
  list(prefix?: string): Promise<string[]>;
}

/**
 * What the sandbox grants, with types. Each is there while `main` runs in the sandbox, if the definition asks for it; used
 * without the grant the call ends as ERR_JS_CAPABILITY_DENIED, and outside of a sandbox there is an `Error`.
 */
export const crypto: SandboxCrypto = /* @__PURE__ */ granted('crypto');

/** See {@link crypto}. */
export const http: SandboxHttp = /* @__PURE__ */ granted('http');

/** See {@link crypto}. */
export const storage: SandboxStorage = /* @__PURE__ */ granted('storage');

// Pure, so that a bundle holds only what its function uses.
function granted<Access extends object>(name: 'crypto' | 'http' | 'storage'): Access {
  return new Proxy({} as Access, {
    get(_target, member) {
      const access = (globalThis as { [name: string]: unknown })[name];
      const found = (access as { [member: PropertyKey]: unknown } | undefined)?.[member];
      if (typeof found !== 'function') throw new Error(`${name}.${String(member)} is there in the sandbox only.`);
      return found;
    },
  });
}
