/**
 * From the two handshake messages to the keys of a session. HPKE (RFC 9180) is used for what it is best at: a one-time
 * key agreement whose key schedule binds the whole handshake (`info`), in base mode, or in PSK mode when the session
 * resumes another. Messages are not sealed with HPKE's own context, whose counter demands that they arrive in order; they
 * are sealed under exported keys with explicit sequence numbers, so calls may overlap on any transport.
 */
import { channelCrypto } from '#crypto';
import type { Suite } from '../suites.ts';
import { encodeFields } from '../wire.ts';
import type { SessionLayout } from './layout.ts';
import { SessionKeys, sessionSecretLength } from './session-keys.ts';

/** A key pair of a suite's KEM. */
export type KemKeyPair = Awaited<ReturnType<Suite['hpke']['GenerateKeyPair']>>;

/** What a session is named by, and how it is laid out. */
export interface SessionNames {
  suite: Suite;
  sessionId: Uint8Array;
  /** From {@link sessionInfo}. */
  info: Uint8Array;
  layout: SessionLayout;
  /** Of the ticket that is redeemed. */
  psk: PreSharedKey | null;
}

/** A ticket and the secret (32 bytes) that both ends know with it. */
export interface PreSharedKey {
  secret: Uint8Array;
  ticket: Uint8Array;
}

const exportContext = new TextEncoder().encode('tee-channel/1 keys');

/** A new key pair. */
export function newKemKeys({ hpke }: Suite): Promise<KemKeyPair> {
  return hpke.GenerateKeyPair();
}

/** `info` of the HPKE key schedule: both handshake messages, by hash. */
export async function sessionInfo(hello: Uint8Array, welcome: Uint8Array): Promise<Uint8Array> {
  const digests = [await channelCrypto.sha256(hello), await channelCrypto.sha256(welcome)];
  return encodeFields(['tee-channel/1 session', ...digests]);
}

/** The client's side: makes an encapsulated key for the enclave's one-time key. */
export async function sendSessionKeys(
  names: SessionNames,
  kemKey: Uint8Array,
): Promise<{ enc: Uint8Array; keys: SessionKeys }> {
  const { sessionId, layout, suite } = names;
  const { hpke } = suite;
  const publicKey = await hpke.DeserializePublicKey(kemKey);
  const options = await hpkeOptions(names);
  const sent = await hpke.SendExport(publicKey, exportContext, sessionSecretLength, options);
  const enc = sent.encapsulatedSecret;
  return { enc, keys: await SessionKeys.from({ sessionId, enc, layout }, sent.exportedSecret) };
}

/** The enclave's side. Any 32 bytes give some keys; only the client's give keys that its requests open with. */
export async function receiveSessionKeys(
  names: SessionNames,
  kemKeys: KemKeyPair,
  enc: Uint8Array,
): Promise<SessionKeys> {
  const { sessionId, layout, suite } = names;
  const options = await hpkeOptions(names);
  const exported = await suite.hpke.ReceiveExport(kemKeys, enc, exportContext, sessionSecretLength, options);
  return SessionKeys.from({ sessionId, enc, layout }, exported);
}

async function hpkeOptions({ info, psk }: SessionNames) {
  return psk === null ? { info } : { info, psk: psk.secret, pskId: await channelCrypto.sha256(psk.ticket) };
}
