import { verifyIdentitySignature } from './identity.ts';
import { ReplayWindow, type SequenceFilter } from './replay-window.ts';
import { type KemKeyPair, newKemKeys, sessionInfo } from './session/handshake.ts';
import { type SessionLayout, strictLayout } from './session/layout.ts';
import { type OfferedKey, OneTimeKey } from './session/one-time-key.ts';
import type { Suite } from './suites.ts';

/**
 * The parts of an end that keep attackers out. They can be replaced so that tests can show what each of them is for:
 * without it, the attack that it stops succeeds.
 */
export interface ChannelParts {
  replayWindow(): SequenceFilter;
  verifySignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** The key pair of one offer. */
  kemKeys(suite: Suite): Promise<KemKeyPair>;
  offeredKey(pair: KemKeyPair): OfferedKey;
  /** Whether a session keeps its place whose first request did not authenticate: the host made it up. */
  readonly keepsUnproven: boolean;
  /** What the keys of a session are bound to. */
  sessionInfo(hello: Uint8Array, welcome: Uint8Array): Promise<Uint8Array>;
  readonly layout: SessionLayout;
}

/** The parts of tee-channel/1. */
export const strictParts: ChannelParts = {
  replayWindow: () => new ReplayWindow(),
  verifySignature: verifyIdentitySignature,
  kemKeys: newKemKeys,
  offeredKey: (pair) => new OneTimeKey(pair),
  keepsUnproven: false,
  sessionInfo,
  layout: strictLayout,
};
