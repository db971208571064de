import { TeeError } from '@neo-service-layer/tee-interface';
import type { Misbehaviour } from '../evil-transport.ts';
import type { When } from '../when.ts';

/** Where on its way a message is met. */
export type Direction = 'there' | 'back';

/** Puts other bytes in the place of a message or of its answer. */
export function change(direction: Direction, when: When, to: (bytes: Uint8Array) => Uint8Array): Misbehaviour {
  return {
    exchange: async (crossing, carry) => {
      if (!when(crossing)) return carry(crossing.message);
      if (direction === 'there') return carry(to(crossing.message));
      return to(await carry(crossing.message));
    },
  };
}

/** Flips one bit, counted from the first byte's lowest; beyond the end, from the beginning again. */
export function flipBit(direction: Direction, when: When, bit: number): Misbehaviour {
  return change(direction, when, (bytes) => {
    const flipped = bytes.slice();
    const at = bit % (bytes.length * 8);
    flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
    return flipped;
  });
}

/** Cuts bytes off the end. */
export function truncate(direction: Direction, when: When, bytes: number): Misbehaviour {
  return change(direction, when, (message) => message.subarray(0, Math.max(0, message.length - bytes)));
}

/** Loses a message, or its answer. */
export function drop(direction: Direction, when: When): Misbehaviour {
  return {
    exchange: async (crossing, carry) => {
      if (!when(crossing)) return carry(crossing.message);
      if (direction === 'back') await carry(crossing.message);
      throw new TeeError('ERR_TRANSPORT', 'The message was lost.');
    },
  };
}
