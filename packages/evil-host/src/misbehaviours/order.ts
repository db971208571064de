import type { Misbehaviour } from '../evil-transport.ts';
import type { When } from '../when.ts';

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Keeps messages back for a time. */
export function delay(when: When, milliseconds: number): Misbehaviour {
  return {
    exchange: async (crossing, carry) => {
      if (when(crossing)) await sleep(milliseconds);
      return carry(crossing.message);
    },
  };
}

/** Delivers each message twice. @param onSecond is shown the answer to the copy; the client gets the first */
export function duplicate(when: When, onSecond: (answer: Uint8Array) => void = () => {}): Misbehaviour {
  return {
    exchange: async (crossing, carry) => {
      const answer = await carry(crossing.message);
      if (when(crossing)) onSecond(await carry(crossing.message));
      return answer;
    },
  };
}

/** Gathers messages until there are `count`, then delivers the last first. */
export function reverse(when: When, count: number): Misbehaviour {
  const waiting: (() => void)[] = [];
  return {
    exchange: async (crossing, carry) => {
      if (when(crossing)) {
        const turn = new Promise<void>((resolve) => waiting.push(resolve));
        if (waiting.length === count) void release(waiting.splice(0).toReversed());
        await turn;
      }
      return carry(crossing.message);
    },
  };

  async function release(turns: (() => void)[]): Promise<void> {
    for (const turn of turns) {
      turn();
      await sleep(5);
    }
  }
}

/** Gives each of two messages the other's answer. */
export function swapAnswers(when: When): Misbehaviour {
  let first: { answer: Uint8Array; settle: (answer: Uint8Array) => void } | null = null;
  return {
    exchange: async (crossing, carry) => {
      const answer = await carry(crossing.message);
      if (!when(crossing)) return answer;
      if (first === null) {
        return new Promise((settle) => {
          first = { answer, settle };
        });
      }
      const other = first;
      first = null;
      other.settle(answer);
      return other.answer;
    },
  };
}
