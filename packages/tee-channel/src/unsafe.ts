/**
 * Ends of the channel with a defence taken out, so that tests can show what it is for: the attack that it stops then
 * succeeds. Nothing outside tests may import this; both ends must be made with the same list.
 */
import { ChannelInitiator } from './initiator.ts';
import type { InitiatorOptions } from './initiator-options.ts';
import { type ChannelParts, strictParts } from './parts.ts';
import { ChannelResponder } from './responder.ts';
import type { ResponderOptions } from './responder-options.ts';
import { type KemKeyPair, newKemKeys } from './session/handshake.ts';
import { strictLayout } from './session/layout.ts';
import { encodeFields } from './wire.ts';

/** What can be taken out. */
export type Defence =
  /** Each sequence number is accepted once. */
  | 'replay-window'
  /** A welcome is signed by the attested key for this hello. */
  | 'signature'
  /** An answer is bound to the request it answers. */
  | 'response-binding'
  /** Every session has a KEM key, a transcript and an id of its own in its keys. */
  | 'session-binding'
  /** The KEM key is forgotten at the first request. */
  | 'key-erasure'
  /** Lengths are padded to classes. */
  | 'padding'
  /** A session that the host made up loses its place. */
  | 'unproven-go';

/** An enclave's end without the given defences. */
export function unsafeResponder(options: ResponderOptions, without: readonly Defence[]): ChannelResponder {
  return new ChannelResponder(options, weakParts(without));
}

/** Opens a client's end without the given defences. */
export function unsafeOpen(options: InitiatorOptions, without: readonly Defence[]): Promise<ChannelInitiator> {
  return ChannelInitiator.open(options, weakParts(without));
}

const nowhere = new Uint8Array();

/** The strict parts with some of them replaced by ones that let everything through. */
export function weakParts(without: readonly Defence[]): ChannelParts {
  const lacks = (defence: Defence) => without.includes(defence);
  const parts = { ...strictParts, keepsUnproven: lacks('unproven-go'), layout: { ...strictLayout } };
  if (lacks('replay-window')) parts.replayWindow = () => ({ accept: () => true });
  if (lacks('signature')) parts.verifySignature = async () => true;
  if (lacks('key-erasure')) parts.offeredKey = (pair) => ({ take: () => pair });
  if (lacks('padding')) parts.layout.paddedLength = (length) => length + 4;
  if (lacks('response-binding')) {
    parts.layout.responseContext = (sessionId) => strictLayout.responseContext(sessionId, 0);
  }
  if (lacks('session-binding')) {
    let pair: Promise<KemKeyPair> | null = null;
    parts.kemKeys = (suite) => {
      pair ??= newKemKeys(suite);
      return pair;
    };
    parts.sessionInfo = async () => encodeFields(['one for all']);
    parts.layout.requestContext = (_sessionId, sequence) => strictLayout.requestContext(nowhere, sequence);
  }
  return parts;
}
