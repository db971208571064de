import { describe, expect, it } from 'vitest';
import { attackSuite } from '../src/index.ts';
import { channelTarget, type Missing, plainTarget } from './support/channel-target.ts';

const target = await channelTarget();
const stranger = await channelTarget();

describe('the channel stops a host that', () => {
  // A stranger's evidence is judged by the policy: see runtime.test.ts.
  const attacks = attackSuite({ ...target, stranger: stranger.transport }).filter(
    ({ name }) => !name.includes('leads'),
  );

  it.each(attacks.map((attack) => [attack.name, attack] as const))('%s', async (_name, attack) => {
    const result = await attack.run();
    expect(result).toMatchObject({ isStopped: true, detail: 'nothing' });
    for (const code of result.codes) expect(attack.stoppedBy).toContain(code);
    if (attack.stoppedBy.length > 0) expect(result.codes).not.toEqual([]);
  });

  it('and handled nothing but what clients said', () => {
    const said = [
      'attack at dawn',
      'once',
      'pay',
      'and pay',
      'first',
      'second',
      'left',
      'right',
      'one',
      'two',
      'three',
    ];
    const others = target.handled.filter((text) => !said.includes(text) && !text.startsWith('CANARY'));
    expect(others.filter((text) => !['yes', 'no'].includes(text))).toEqual([]);
    expect(target.handled.filter((text) => text === 'once')).toHaveLength(1);
    expect(target.handled.filter((text) => text === 'and pay')).toHaveLength(1);
  });
});

describe('without its defence, the attack succeeds of a host that', () => {
  const counterparts: Record<string, Missing> = {
    'delivers each request twice': 'replay-window',
    'replays the requests of a session later on': 'replay-window',
    'splices a request of one session into another': 'session-binding',
    'answers a new hello with an old welcome': 'signature',
    'answers a call with the answer to an earlier one': 'response-binding',
    'gives two calls each the answer to the other': 'response-binding',
    "answers in the enclave's place, under its evidence": 'signature',
    'puts claims of its own beside the genuine quote, and answers by them': 'claims-binding',
    'talks the versions and suites down in the claims': 'claims-binding',
    "has another enclave answer under this enclave's evidence": 'signature',
    'tells texts of about one length apart by the lengths of messages': 'padding',
  };

  it.each(Object.entries(counterparts))('%s (no %s)', async (name, missing) => {
    const weak = await channelTarget([missing]);
    const attack = attackSuite({ ...weak, stranger: stranger.transport }).find((one) => one.name === name);
    expect(await attack?.run()).toMatchObject({ isStopped: false });
  });

  it.each([
    'flips bits of a request',
    'flips bits of an answer',
    "sends the client's own bytes back as the answer",
    'looks for what was said in everything that crosses',
    'replays the requests of a session later on',
  ])('%s (nothing sealed)', async (name) => {
    const attack = attackSuite(plainTarget()).find((one) => one.name === name);
    expect(await attack?.run()).toMatchObject({ isStopped: false });
  });

  it.each(Object.entries(counterparts))('%s: and no other defence is missed', async (name, missing) => {
    const all: Missing[] = [...new Set(Object.values(counterparts)), 'key-erasure'];
    const others = all.filter((defence) => defence !== missing);
    const stopped = await Promise.all(
      others.map(async (other) => {
        const weak = await channelTarget([other]);
        const attack = attackSuite({ ...weak, stranger: stranger.transport }).find((one) => one.name === name);
        return (await attack?.run())?.isStopped;
      }),
    );
    expect(stopped).toEqual(others.map(() => true));
  });
});
