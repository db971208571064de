import type { Attack, AttackTarget } from '../attack.ts';
import { evilTransport } from '../evil-transport.ts';
import { Recording } from '../recording.ts';

async function record(target: AttackTarget, texts: readonly string[]): Promise<Recording> {
  const recording = new Recording();
  const connection = await target.connect(evilTransport(target.transport, recording));
  for (const text of texts) await connection.call(text);
  return recording;
}

/** Only looks. */
export const listeningAttacks: readonly Attack[] = [
  {
    name: 'looks for what was said in everything that crosses',
    stoppedBy: [],
    run: async (target) => {
      const canary = 'CANARY-6f1d2c-a-text-that-nothing-else-holds';
      const recording = await record(target, [canary]);
      const isHeld = recording.holds(canary);
      return { isStopped: !isHeld, codes: [], detail: isHeld ? 'the text itself' : 'nothing' };
    },
  },
  {
    name: 'tells texts of about one length apart by the lengths of messages',
    stoppedBy: [],
    run: async (target) => {
      const recording = await record(target, ['yes', 'no']);
      const lengths = new Set(recording.requests.map(({ length }) => length));
      const isTold = lengths.size > 1;
      return { isStopped: !isTold, codes: [], detail: isTold ? 'which of two short texts it was' : 'nothing' };
    },
  },
];
