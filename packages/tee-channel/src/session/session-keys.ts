/**
 * The keys of one session and what they seal. Both directions have keys of their own, so nothing can be reflected;
 * requests carry their sequence number in nonce and AAD, responses get a key of their own from the request they answer
 * (as in RFC 9458 §4.4), so the host can neither reorder answers nor swap them between calls.
 */
import { channelCrypto } from '#crypto';
import { concatBytes } from '../bytes.ts';
import type { AeadKey, DerivationKey } from '../crypto/contract.ts';
import { padFields, unpad } from '../padding.ts';
import { encodeFields, type WireField } from '../wire.ts';
import type { SessionLayout } from './layout.ts';

type Head = (sealedLength: number) => Uint8Array;
const nothing = new Uint8Array();
const noHead: Head = () => nothing;
const tagLength = 16;

/** Bytes of the HPKE export that the keys come from. */
export const sessionSecretLength: number = 32 + 12 + 32 + 32;

/** The keys of a session, identical at both ends. */
export class SessionKeys {
  readonly #sessionId: Uint8Array;
  readonly #enc: Uint8Array;
  readonly #layout: SessionLayout;
  readonly #requestKey: AeadKey;
  readonly #requestNonce: Uint8Array;
  readonly #responseSecret: DerivationKey;
  readonly #resumptionSecret: DerivationKey;

  private constructor(
    names: { sessionId: Uint8Array; enc: Uint8Array; layout: SessionLayout },
    keys: { request: AeadKey; nonce: Uint8Array; response: DerivationKey; resumption: DerivationKey },
  ) {
    this.#sessionId = names.sessionId;
    this.#enc = names.enc;
    this.#layout = names.layout;
    this.#requestKey = keys.request;
    this.#requestNonce = keys.nonce;
    this.#responseSecret = keys.response;
    this.#resumptionSecret = keys.resumption;
  }

  /** @param exported the HPKE export; wiped here */
  static async from(
    names: { sessionId: Uint8Array; enc: Uint8Array; layout: SessionLayout },
    exported: Uint8Array,
  ): Promise<SessionKeys> {
    const request = await channelCrypto.aeadKey(exported.subarray(0, 32));
    const response = await channelCrypto.derivationKey(exported.subarray(44, 76));
    const resumption = await channelCrypto.derivationKey(exported.subarray(76, 108));
    const keys = new SessionKeys(names, { request, nonce: exported.slice(32, 44), response, resumption });
    exported.fill(0);
    return keys;
  }

  /**
   * Seals a request's frame under its sequence number, which must never repeat in a session.
   * @param head what stands before the sealed bytes, by their length
   */
  sealRequest(sequence: number, frame: readonly WireField[], head: Head = noHead): Promise<Uint8Array> {
    const plaintext = padFields(frame, this.#layout.paddedLength);
    const [nonce, context] = [this.#nonceOf(sequence), this.#requestContext(sequence)];
    return this.#requestKey.seal(nonce, context, plaintext, head(plaintext.length + tagLength));
  }

  /** Opens a request; null when anything about it is not what the client sealed. */
  async openRequest(sequence: number, sealed: Uint8Array): Promise<Uint8Array | null> {
    return this.#unpad(await this.#requestKey.open(this.#nonceOf(sequence), this.#requestContext(sequence), sealed));
  }

  /** Seals the reply to a request. @param nonce 32 fresh random bytes; @param head as of {@link sealRequest} */
  async sealResponse(
    sequence: number,
    nonce: Uint8Array,
    frame: readonly WireField[],
    head: Head = noHead,
  ): Promise<Uint8Array> {
    const { key, iv, context } = await this.#responseKey(sequence, nonce);
    const plaintext = padFields(frame, this.#layout.paddedLength);
    return key.seal(iv, context, plaintext, head(plaintext.length + tagLength));
  }

  /** Opens the reply to a request; null when it is not the enclave's reply to that very request. */
  async openResponse(sequence: number, nonce: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | null> {
    const { key, iv, context } = await this.#responseKey(sequence, nonce);
    return this.#unpad(await key.open(iv, context, sealed));
  }

  /** 32 bytes for a session that follows this one; others for each sequence number that asked for them. */
  resumptionSecret(sequence: number): Promise<Uint8Array> {
    const info = encodeFields(['tee-channel/1 resumption', this.#sessionId, sequence]);
    return this.#resumptionSecret.derive(new Uint8Array(), info, 32);
  }

  /** 32 bytes that only the two ends of this session can compute, and that no other session has. */
  binding(): Promise<Uint8Array> {
    return this.#resumptionSecret.derive(
      new Uint8Array(),
      encodeFields(['tee-channel/1 binding', this.#sessionId]),
      32,
    );
  }

  #unpad(padded: Uint8Array | null): Uint8Array | null {
    return padded === null ? null : unpad(padded, this.#layout.paddedLength);
  }

  #requestContext(sequence: number): Uint8Array {
    return this.#layout.requestContext(this.#sessionId, sequence);
  }

  #nonceOf(sequence: number): Uint8Array {
    const nonce = this.#requestNonce.slice();
    const view = new DataView(nonce.buffer);
    view.setUint32(8, view.getUint32(8) ^ sequence);
    return nonce;
  }

  async #responseKey(
    sequence: number,
    nonce: Uint8Array,
  ): Promise<{ key: AeadKey; iv: Uint8Array; context: Uint8Array }> {
    const context = this.#layout.responseContext(this.#sessionId, sequence);
    const secret = await this.#responseSecret.derive(concatBytes(this.#enc, nonce), context, 44);
    return { key: await channelCrypto.aeadKey(secret.subarray(0, 32)), iv: secret.slice(32), context };
  }
}
