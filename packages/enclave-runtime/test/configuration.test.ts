import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import {
  builtInConfiguration,
  configurationHash,
  type ImageConfiguration,
  imageConfigurationText,
  parseImageConfiguration,
} from '../src/index.ts';

const key = (digit: string) => digit.repeat(64);
const grant: ImageConfiguration = {
  keyring: {
    policy: { kind: 'grant', approvers: [key('a'), key('b')], threshold: 2 },
    recovery: { holders: [key('c')], threshold: 1 },
    peers: { allowSimulation: true, simulationRoots: ['00ff'] },
  },
};

describe("an image's configuration", () => {
  it('adds to the built-in one', () => {
    expect(parseImageConfiguration('{}')).toEqual(builtInConfiguration);
    const parsed = parseImageConfiguration(imageConfigurationText(grant));
    expect(parsed).toEqual({ ...builtInConfiguration, ...grant });
  });

  it('is in the configuration hash, which the evidence carries', () => {
    const hash = (text: string) =>
      Buffer.from(configurationHash(parseImageConfiguration(text), 'engine')).toString('hex');
    expect(hash(imageConfigurationText(grant))).not.toBe(hash('{}'));
    expect(hash('{}')).toBe(hash(imageConfigurationText({ keyring: { policy: { kind: 'enclave' } } })));
  });

  it.each([
    ['no JSON', '{'],
    ['something else', '[]'],
    ['a member that nobody knows', '{"keyrings":{}}'],
    ['a policy that nobody knows', '{"keyring":{"policy":{"kind":"everyone"}}}'],
    [
      'more signatures than approvers',
      `{"keyring":{"policy":{"kind":"grant","approvers":["${key('a')}"],"threshold":2}}}`,
    ],
    ['no approver', '{"keyring":{"policy":{"kind":"grant","approvers":[],"threshold":1}}}'],
    [
      'one approver twice',
      `{"keyring":{"policy":{"kind":"grant","approvers":["${key('a')}","${key('a')}"],"threshold":2}}}`,
    ],
    ['a threshold of none', `{"keyring":{"policy":{"kind":"grant","approvers":["${key('a')}"],"threshold":0}}}`],
    ['a key of another length', '{"keyring":{"policy":{"kind":"grant","approvers":["aa"],"threshold":1}}}'],
    [
      'more holders needed than there are',
      `{"keyring":{"policy":{"kind":"enclave"},"recovery":{"holders":["${key('c')}"],"threshold":2}}}`,
    ],
  ])('is refused with %s', async (_what, text) => {
    expect((await thrownBy(() => parseImageConfiguration(text))).code).toBe('ERR_INVALID_ARGUMENT');
  });
});
