import type { Attack, AttackTarget } from '../attack.ts';
import { Attempts } from '../attack.ts';
import { evilTransport, type Misbehaviour } from '../evil-transport.ts';
import { drop, flipBit, truncate } from '../misbehaviours/change.ts';
import { hellos, requests } from '../when.ts';

const channelCodes = ['ERR_CHANNEL_AUTH', 'ERR_CHANNEL_PROTOCOL', 'ERR_CHANNEL_SESSION', 'ERR_CHANNEL_VERSION'];

/** Connects and calls through each misbehaviour; an answer is a breach. */
async function tryEach(target: AttackTarget, misbehaviours: readonly Misbehaviour[]) {
  const attempts = new Attempts();
  for (const misbehaviour of misbehaviours) {
    await attempts.attempt(async () => {
      const connection = await target.connect(evilTransport(target.transport, misbehaviour));
      await connection.call('attack at dawn');
      return 'an answer to a message that was changed on its way';
    });
  }
  return attempts.result;
}

// Every byte of a welcome is met; of sealed messages enough to meet every field.
const bits = (count: number, step: number) => Array.from({ length: count }, (_, i) => i * step + (i % 8));

/** Changes bytes on their way. */
export const tamperingAttacks: readonly Attack[] = [
  {
    name: 'flips bits of the welcome',
    stoppedBy: [...channelCodes, 'ERR_CHANNEL_AUDIENCE', 'ERR_BUSY'],
    run: (target) =>
      tryEach(
        target,
        bits(60, 24).map((bit) => flipBit('back', hellos, bit)),
      ),
  },
  {
    name: 'flips bits of a request',
    stoppedBy: channelCodes,
    run: (target) =>
      tryEach(
        target,
        bits(40, 88).map((bit) => flipBit('there', requests(0), bit)),
      ),
  },
  {
    name: 'flips bits of an answer',
    stoppedBy: channelCodes,
    run: (target) =>
      tryEach(
        target,
        bits(40, 72).map((bit) => flipBit('back', requests(0), bit)),
      ),
  },
  {
    name: 'cuts an answer off',
    stoppedBy: channelCodes,
    run: (target) =>
      tryEach(
        target,
        [1, 16, 17, 100, 10_000].map((cut) => truncate('back', requests(0), cut)),
      ),
  },
  {
    name: 'cuts a request off',
    stoppedBy: channelCodes,
    run: (target) =>
      tryEach(
        target,
        [1, 16, 17, 100, 10_000].map((cut) => truncate('there', requests(0), cut)),
      ),
  },
  {
    name: 'loses a request, or the answer to it',
    stoppedBy: ['ERR_TRANSPORT'],
    run: (target) => tryEach(target, [drop('there', requests(0)), drop('back', requests(0))]),
  },
];
