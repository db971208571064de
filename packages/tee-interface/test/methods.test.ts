import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { decodeEvidenceBundle, encodeEvidenceBundle, isEnclaveMethod, teeMethods } from '../src/index.ts';

describe('the method table', () => {
  it('keeps the names of the seed', () => {
    expect(Object.keys(teeMethods)).toEqual([
      'initialize',
      'getInfo',
      'getAttestationReport',
      'verifyAttestationReport',
      'executeJavaScript',
      'sealData',
      'unsealData',
      'getRandomBytes',
      'dispose',
    ]);
  });

  it('sends across the channel only what the enclave evaluates', () => {
    expect(isEnclaveMethod('executeJavaScript')).toBe(true);
    expect(isEnclaveMethod('dispose')).toBe(false);
    expect(isEnclaveMethod('constructor')).toBe(false);
    expect(isEnclaveMethod('__proto__')).toBe(false);
  });

  it.each([
    ['getRandomBytes', { length: 0 }],
    ['getRandomBytes', { length: 65_537 }],
    ['getRandomBytes', { length: 1.5 }],
    ['getRandomBytes', { length: 1, extra: true }],
    ['executeJavaScript', { code: '', functionId: 'f', userId: 'u' }],
    ['executeJavaScript', { code: 'x', functionId: '', userId: 'u' }],
    ['executeJavaScript', { code: 'x', functionId: 'f', userId: 'u', input: 1n }],
    ['executeJavaScript', { code: 'x', functionId: 'f', userId: 'u', limits: { gas: -1 } }],
    ['sealData', { data: 'text' }],
    ['sealData', { data: new Uint8Array(), policy: 'everyone' }],
    ['getAttestationReport', { reportData: new Uint8Array(1025) }],
  ] as const)('refuses %s with %o', (name, input) => {
    expect(teeMethods[name].input.safeParse(input).success).toBe(false);
  });
});

describe('an evidence bundle', () => {
  const bundle = {
    quote: Uint8Array.of(1),
    claims: Uint8Array.of(2),
    collateral: {
      tcbInfo: Uint8Array.of(3),
      tcbInfoIssuerChain: Uint8Array.of(4),
      qeIdentity: Uint8Array.of(5),
      qeIdentityIssuerChain: Uint8Array.of(6),
    },
  };

  it('comes back from its document', () => {
    expect(decodeEvidenceBundle(encodeEvidenceBundle(bundle))).toEqual(bundle);
  });

  it('is not read from a document with a member more or less', async () => {
    const more = encodeEvidenceBundle({
      ...bundle,
      collateral: { ...bundle.collateral, more: Uint8Array.of(1) } as never,
    });
    expect((await thrownBy(() => decodeEvidenceBundle(more))).code).toBe('ERR_CBOR');
    const { quote, claims } = bundle;
    const less = encodeEvidenceBundle({ quote, claims, collateral: {} as never });
    expect((await thrownBy(() => decodeEvidenceBundle(less))).code).toBe('ERR_CBOR');
  });
});
