import { encodeMessage, parseMessage } from '@neo-service-layer/tee-channel';
import type { Transport } from '@neo-service-layer/tee-client';
import { type Attack, type AttackTarget, Attempts } from '../attack.ts';
import { evilTransport } from '../evil-transport.ts';
import { duplicate, reverse, swapAnswers } from '../misbehaviours/order.ts';
import { answerWith } from '../misbehaviours/pretend.ts';
import { Recording } from '../recording.ts';
import { hellos, kindOf, requests } from '../when.ts';

/** A client's first call, as the host recorded it. */
async function recordCall(target: AttackTarget, text: string) {
  const recording = new Recording();
  const connection = await target.connect(evilTransport(target.transport, recording));
  const answer = await connection.call(text);
  return { recording, connection, answer };
}

/** Sends a message of the host's to the enclave. A sealed answer means that the enclave executed it. */
async function executes(transport: Transport, message: Uint8Array): Promise<string | null> {
  const kind = kindOf(await transport.exchange(message));
  return kind === 'response' ? 'the enclave executed a request again' : null;
}

/** A session id that the enclave offers to the host itself: hellos are for everyone. */
async function ownSession(transport: Transport): Promise<Uint8Array> {
  const hello = { version: 1, suites: [1], nonce: new Uint8Array(32), evidenceDigest: new Uint8Array(32) };
  const answer = await transport.exchange(
    encodeMessage({ type: 'hello', ...hello, audience: '', ticket: new Uint8Array() }),
  );
  const welcome = parseMessage(answer);
  if (welcome.type !== 'welcome') throw new TypeError('the enclave offers no session');
  return welcome.sessionId;
}

/** Uses what crossed once more, elsewhere or in another order. */
export const replayAttacks: readonly Attack[] = [
  {
    name: 'delivers each request twice',
    stoppedBy: [],
    run: async (target) => {
      const attempts = new Attempts();
      await attempts.attempt(async () => {
        let breach: string | null = null;
        const copies = duplicate(requests(), (answer) => {
          if (kindOf(answer) === 'response') breach = 'the enclave executed a copy';
        });
        const connection = await target.connect(evilTransport(target.transport, copies));
        await connection.call('once');
        return breach;
      });
      return attempts.result;
    },
  },
  {
    name: 'replays the requests of a session later on',
    stoppedBy: [],
    run: async (target) => {
      const attempts = new Attempts();
      const { recording, connection } = await recordCall(target, 'pay');
      await connection.call('and pay');
      for (const request of [...recording.requests, ...recording.requests.toReversed()]) {
        await attempts.attempt(() => executes(target.transport, request));
      }
      return attempts.result;
    },
  },
  {
    name: 'splices a request of one session into another',
    stoppedBy: [],
    run: async (target) => {
      const attempts = new Attempts();
      const { recording } = await recordCall(target, 'pay');
      for (const sequence of [0, 1, 7]) {
        await attempts.attempt(async () => {
          const request = parseMessage(recording.requests[0] ?? new Uint8Array());
          if (request.type !== 'request') throw new TypeError('the client sent no request');
          const sessionId = await ownSession(target.transport);
          return executes(target.transport, encodeMessage({ ...request, sessionId, sequence }));
        });
      }
      return attempts.result;
    },
  },
  {
    name: 'answers a new hello with an old welcome',
    stoppedBy: ['ERR_CHANNEL_AUTH'],
    run: async (target) => {
      const attempts = new Attempts();
      const { recording } = await recordCall(target, 'first');
      const welcome = recording.exchanges.find(({ message }) => kindOf(message) === 'hello')?.answer;
      await attempts.attempt(async () => {
        await target.connect(evilTransport(target.transport, answerWith(welcome ?? new Uint8Array(), hellos)));
        return 'a session under a welcome that was not made for it';
      });
      return attempts.result;
    },
  },
  {
    name: 'answers a call with the answer to an earlier one',
    stoppedBy: ['ERR_CHANNEL_AUTH'],
    run: async (target) => {
      const attempts = new Attempts();
      const recording = new Recording();
      const late = { exchange: answerLate(recording) };
      const connection = await target.connect(evilTransport(target.transport, late, recording));
      await connection.call('first');
      await attempts.attempt(async () => {
        await connection.call('second');
        return 'the client took an earlier answer for the present one';
      });
      return attempts.result;
    },
  },
  {
    name: 'gives two calls each the answer to the other',
    stoppedBy: ['ERR_CHANNEL_AUTH'],
    run: async (target) => {
      const attempts = new Attempts();
      const connection = await target.connect(evilTransport(target.transport, swapAnswers(requests())));
      const calls = ['left', 'right'].map((text) => connection.call(text));
      for (const call of calls) {
        await attempts.attempt(async () => {
          await call;
          return "the client took another call's answer";
        });
      }
      return attempts.result;
    },
  },
  {
    name: 'delivers requests in another order',
    stoppedBy: [],
    run: async (target) => {
      const attempts = new Attempts();
      const honest = await target.connect(target.transport);
      const connection = await target.connect(evilTransport(target.transport, reverse(requests(), 3)));
      const texts = ['one', 'two', 'three'];
      const calls = texts.map((text) => connection.call(text));
      for (const [index, text] of texts.entries()) {
        await attempts.attempt(async () => {
          const [answer, expected] = [await calls[index], await honest.call(text)];
          return JSON.stringify(answer) === JSON.stringify(expected) ? null : "a call got another call's answer";
        });
      }
      return attempts.result;
    },
  },
];

/** The first answer is genuine; every later one is the first again. */
function answerLate(recording: Recording) {
  return async ({ message }: { message: Uint8Array }, carry: (bytes: Uint8Array) => Promise<Uint8Array>) => {
    const [earlier] = recording.answers;
    const answer = await carry(message);
    return earlier !== undefined && kindOf(message) === 'request' ? earlier : answer;
  };
}
