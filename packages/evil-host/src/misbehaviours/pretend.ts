import { encodeMessage, parseMessage } from '@neo-service-layer/tee-channel';
import type { Transport } from '@neo-service-layer/tee-client';
import type { EvidenceBundle } from '@neo-service-layer/tee-interface';
import type { Misbehaviour } from '../evil-transport.ts';
import type { When } from '../when.ts';

/** Has another enclave (or a program of the host's) answer the messages; the evidence stays the first one's. */
export function substitute(other: Pick<Transport, 'exchange'>, when: When): Misbehaviour {
  return {
    exchange: (crossing, carry) => (when(crossing) ? other.exchange(crossing.message) : carry(crossing.message)),
  };
}

/** Leads the client to another enclave altogether: its evidence and its answers. */
export function divert(other: Transport): Misbehaviour {
  return { exchange: ({ message }) => other.exchange(message), evidence: () => other.evidence() };
}

/** Shows other evidence than the enclave gave, or the same with changes. */
export function forgeEvidence(forge: (genuine: EvidenceBundle) => EvidenceBundle): Misbehaviour {
  return { evidence: async (ask) => forge(await ask()) };
}

/** Answers with what was answered before. */
export function answerWith(recorded: Uint8Array, when: When): Misbehaviour {
  return { exchange: async (crossing, carry) => (when(crossing) ? recorded : carry(crossing.message)) };
}

/** Sends the client its own sealed bytes back as the answer. */
export function reflect(when: When): Misbehaviour {
  return {
    exchange: async (crossing, carry) => {
      const request = when(crossing) ? parseMessage(crossing.message) : null;
      if (request?.type !== 'request') return carry(crossing.message);
      return encodeMessage({ type: 'response', nonce: new Uint8Array(32), sealed: request.sealed });
    },
  };
}
