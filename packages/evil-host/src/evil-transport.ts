import type { Transport } from '@neo-service-layer/tee-client';
import type { EvidenceBundle } from '@neo-service-layer/tee-interface';

/** A message of a client on its way to the enclave. */
export interface Crossing {
  /** How many messages this transport has carried before. */
  index: number;
  message: Uint8Array;
}

/** Takes a message on towards the enclave and brings the answer back. */
export type Carry = (message: Uint8Array) => Promise<Uint8Array>;

/** What a host does to what it carries. What is not given is done honestly. */
export interface Misbehaviour {
  exchange?(crossing: Crossing, carry: Carry): Promise<Uint8Array>;
  evidence?(ask: () => Promise<EvidenceBundle>): Promise<EvidenceBundle>;
}

/**
 * A transport that misbehaves. Misbehaviours compose: the first is nearest to the client, each hands on to the next, the
 * last to the honest transport.
 */
export function evilTransport(honest: Transport, ...misbehaviours: readonly Misbehaviour[]): Transport {
  let count = 0;
  const layers = misbehaviours.toReversed();
  return {
    evidence: () =>
      layers.reduce<() => Promise<EvidenceBundle>>(
        (ask, layer) => () => layer.evidence?.(ask) ?? ask(),
        () => honest.evidence(),
      )(),
    exchange: (message) => {
      const index = count;
      count += 1;
      const carry = layers.reduce<Carry>(
        (next, layer) => (bytes) => layer.exchange?.({ index, message: bytes }, next) ?? next(bytes),
        (bytes) => honest.exchange(bytes),
      );
      return carry(message);
    },
    close: () => honest.close(),
  };
}
