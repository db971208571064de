import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cryptoMethods } from '../../src/capabilities/crypto-methods.ts';
import { urlMethods } from '../../src/capabilities/url-methods.ts';
import { CapabilityDesk } from '../../src/engine/capability-desk.ts';
import { HostRequests } from '../../src/engine/host-requests.ts';

const budget = { hostCalls: 2, hostCallBytes: 100 };

describe('the capability desk', () => {
  it('answers whatever a guest sends with a result or a failure, never with an exception or the host’s own words', () => {
    const name = fc.oneof(fc.constantFrom(...Object.keys(cryptoMethods), ...Object.keys(urlMethods)), fc.string());
    const size = fc.integer({ min: 0, max: 80 });
    const bytes = size.map((length) => Buffer.alloc(length, 7).toString('base64'));
    const value = fc.oneof(bytes, fc.constantFrom('sha256', 'ed25519', 'secp256k1', 32, -1, null), fc.jsonValue());
    const keys = [
      'algorithm',
      'key',
      'data',
      'salt',
      'info',
      'length',
      'nonce',
      'additional',
      'curve',
      'signature',
      'url',
      'base',
      'href',
      'name',
      'value',
      'text',
      'pairs',
    ];
    const given = fc.oneof(
      fc.dictionary(fc.constantFrom(...keys), value).map((record) => JSON.stringify(record)),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(name, given, (method, json) => {
        const answer = JSON.parse(new CapabilityDesk(['crypto'], () => true, budget).answer(method, json) ?? '{}');
        const fields = Object.keys(answer);
        expect(fields.length === 1 ? fields : fields.toSorted((a, b) => a.localeCompare(b))).toEqual(
          'ok' in answer ? ['ok'] : ['message', 'name'],
        );
        expect(JSON.stringify(answer)).not.toMatch(/node:|openssl|error:/i);
      }),
      { numRuns: 500 },
    );
  });

  it('does nothing when the gas does not suffice', () => {
    const desk = new CapabilityDesk(['crypto'], () => false, budget);
    expect(desk.answer('crypto.randomBytes', '{"length":1}')).toBeNull();
  });

  it('passes no more requests on than the budget has, in number and in bytes', () => {
    const sent: string[] = [];
    const line = { send: ({ name }: { name: string }) => void sent.push(name), receive: () => null };
    const desk = new CapabilityDesk(['storage'], () => true, budget);
    const requests = new HostRequests(line);
    const ask = (json: string) => Object.keys(JSON.parse(desk.request('storage.get', json, requests) ?? '{}'));
    expect(ask('{"key":"a"}')).toEqual(['ok']);
    expect(ask(`{"key":"${'a'.repeat(100)}"}`)).toEqual(['name', 'message']);
    expect(ask('{"key":"a"}')).toEqual(['name', 'message']);
    expect(sent).toEqual(['storage.get']);
    expect(JSON.parse(desk.received('{"ok":"an answer"}'))).toHaveProperty('message');
  });
});
