import { verifyIdentitySignature } from './identity.ts';
import { ReplayWindow, type SequenceFilter } from './replay-window.ts';
import type { KemKeyPair } from './session/handshake.ts';
import { type SessionLayout, strictLayout } from './session/layout.ts';
import { type OfferedKey, OneTimeKey } from './session/one-time-key.ts';

/**
 * The parts of an end that keep attackers out. They can be replaced so that tests can show what each of them is for:
 * without it, the attack that it stops succeeds.
 */
export interface ChannelParts {
  replayWindow(): SequenceFilter;
  verifySignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
  offeredKey(pair: KemKeyPair): OfferedKey;
  readonly layout: SessionLayout;
}

/** The parts of tee-channel/1. */
export const strictParts: ChannelParts = {
  replayWindow: () => new ReplayWindow(),
  verifySignature: verifyIdentitySignature,
  offeredKey: (pair) => new OneTimeKey(pair),
  layout: strictLayout,
};
