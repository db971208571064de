/**
 * The keys of one session and what they seal. Both directions have keys of their own, so nothing can be reflected;
 * requests carry their sequence number in nonce and AAD, responses get a key of their own from the request they answer
 * (as in RFC 9458 §4.4), so the host can neither reorder answers nor swap them between calls.
 */
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { concatBytes, ownBytes, sha256 } from './bytes.ts';
import { pad, unpad } from './padding.ts';

const exportLength = 32 + 12 + 32;

/** `info` of the HPKE key schedule: both handshake messages, by hash. */
export async function sessionInfo(hello: Uint8Array, welcome: Uint8Array): Promise<Uint8Array> {
  return encodeCanonical(['tee-channel/1 session', await sha256(hello), await sha256(welcome)]);
}

/** Context and length of the one HPKE export that the session's keys come from. */
export const sessionExport: { readonly context: Uint8Array; readonly length: number } = {
  context: new TextEncoder().encode('tee-channel/1 keys'),
  length: exportLength,
};

/** The keys of a session, identical at both ends. */
export class SessionKeys {
  readonly #sessionId: Uint8Array;
  readonly #enc: Uint8Array;
  readonly #requestKey: CryptoKey;
  readonly #requestNonce: Uint8Array;
  readonly #responseSecret: CryptoKey;

  private constructor(
    sessionId: Uint8Array,
    enc: Uint8Array,
    requestKey: CryptoKey,
    requestNonce: Uint8Array,
    responseSecret: CryptoKey,
  ) {
    this.#sessionId = sessionId;
    this.#enc = enc;
    this.#requestKey = requestKey;
    this.#requestNonce = requestNonce;
    this.#responseSecret = responseSecret;
  }

  /** @param exported the HPKE export; wiped here */
  static async from(sessionId: Uint8Array, enc: Uint8Array, exported: Uint8Array): Promise<SessionKeys> {
    const requestKey = await aesKey(exported.subarray(0, 32));
    const secret = ownBytes(exported.subarray(44, 76));
    const responseSecret = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
    const keys = new SessionKeys(sessionId, enc, requestKey, exported.slice(32, 44), responseSecret);
    secret.fill(0);
    exported.fill(0);
    return keys;
  }

  /** Seals a request's payload under its sequence number, which must never repeat in a session. */
  async sealRequest(sequence: number, payload: Uint8Array): Promise<Uint8Array> {
    return seal(this.#requestKey, this.#requestNonceOf(sequence), this.#aad('request', sequence), payload);
  }

  /** Opens a request; null when anything about it is not what the client sealed. */
  async openRequest(sequence: number, sealed: Uint8Array): Promise<Uint8Array | null> {
    return open(this.#requestKey, this.#requestNonceOf(sequence), this.#aad('request', sequence), sealed);
  }

  /** Seals the answer to a request. @param nonce 32 fresh random bytes */
  async sealResponse(sequence: number, nonce: Uint8Array, payload: Uint8Array): Promise<Uint8Array> {
    const { key, iv } = await this.#responseKey(sequence, nonce);
    return seal(key, iv, this.#aad('response', sequence), payload);
  }

  /** Opens the answer to a request; null when it is not the enclave's answer to that very request. */
  async openResponse(sequence: number, nonce: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | null> {
    const { key, iv } = await this.#responseKey(sequence, nonce);
    return open(key, iv, this.#aad('response', sequence), sealed);
  }

  #requestNonceOf(sequence: number): Uint8Array<ArrayBuffer> {
    const nonce = ownBytes(this.#requestNonce);
    const view = new DataView(nonce.buffer);
    view.setBigUint64(4, view.getBigUint64(4) ^ BigInt(sequence));
    return nonce;
  }

  // `true` marks the message as the last of its stream; in this version every message is.
  #aad(direction: 'request' | 'response', sequence: number): Uint8Array {
    return encodeCanonical([`tee-channel/1 ${direction}`, this.#sessionId, sequence, true]);
  }

  async #responseKey(sequence: number, nonce: Uint8Array): Promise<{ key: CryptoKey; iv: Uint8Array<ArrayBuffer> }> {
    const info = ownBytes(encodeCanonical(['tee-channel/1 response', this.#sessionId, sequence]));
    const params = { name: 'HKDF', hash: 'SHA-256', salt: concatBytes(this.#enc, nonce), info };
    const bits = new Uint8Array(await crypto.subtle.deriveBits(params, this.#responseSecret, 44 * 8));
    return { key: await aesKey(bits.subarray(0, 32)), iv: bits.slice(32) };
  }
}

function aesKey(raw: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', ownBytes(raw), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function seal(
  key: CryptoKey,
  iv: Uint8Array<ArrayBuffer>,
  aad: Uint8Array,
  payload: Uint8Array,
): Promise<Uint8Array> {
  const params = { name: 'AES-GCM', iv, additionalData: ownBytes(aad) };
  return new Uint8Array(await crypto.subtle.encrypt(params, key, pad(payload)));
}

async function open(
  key: CryptoKey,
  iv: Uint8Array<ArrayBuffer>,
  aad: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array | null> {
  const params = { name: 'AES-GCM', iv, additionalData: ownBytes(aad) };
  let padded: Uint8Array;
  try {
    padded = new Uint8Array(await crypto.subtle.decrypt(params, key, ownBytes(sealed)));
  } catch {
    return null;
  }
  return unpad(padded);
}

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
