import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import {
  decodeEvidenceBundle,
  encodeEvidenceBundle,
  isEnclaveMethod,
  type KeyringInfo,
  keyringInfoSchema,
  teeMethods,
} from '../src/index.ts';

describe('the method table', () => {
  it('keeps the names of the seed', () => {
    const seed = ['initialize', 'getInfo', 'getAttestationReport', 'verifyAttestationReport', 'executeJavaScript'];
    for (const name of [...seed, 'sealData', 'unsealData', 'getRandomBytes', 'dispose']) {
      expect(teeMethods).toHaveProperty(name);
    }
  });

  it('says of each method who may call it: what is kept for users is for users', () => {
    const names = (access: string) =>
      Object.entries(teeMethods).flatMap(([name, method]) => (method.access === access ? [name] : []));
    expect(names('administrator')).toEqual(['registerUser', 'setQuota', 'listUsers']);
    expect(names('caller')).toEqual([
      'executeJavaScript',
      'sealData',
      'unsealData',
      'getRandomBytes',
      'invokeFunction',
    ]);
    expect(names('public')).toEqual([
      'initialize',
      'getInfo',
      'getAttestationReport',
      'verifyAttestationReport',
      'dispose',
    ]);
    expect(names('user')).toHaveLength(Object.keys(teeMethods).length - 13);
  });

  it('sends across the channel only what the enclave evaluates', () => {
    expect(isEnclaveMethod('executeJavaScript')).toBe(true);
    expect(isEnclaveMethod('dispose')).toBe(false);
    expect(isEnclaveMethod('constructor')).toBe(false);
    expect(isEnclaveMethod('__proto__')).toBe(false);
  });

  it('takes data to be sealed with the keyring, for the enclave or for the signer', () => {
    for (const policy of [undefined, 'keyring', 'enclave', 'signer']) {
      expect(teeMethods.sealData.input.safeParse({ data: new Uint8Array(), policy }).success).toBe(true);
    }
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

describe('what an enclave tells of its keyring', () => {
  const keyring: KeyringInfo = {
    origin: 'opened',
    kept: true,
    id: '0f'.repeat(16),
    policy: { kind: 'grant', approvers: ['ab'.repeat(32)], threshold: 1 },
    generation: 2,
    generations: [
      { generation: 1, created: 1, state: 'decrypt-only' },
      { generation: 2, created: 2, state: 'active' },
    ],
    epoch: 3,
    rewrapped: false,
    resealNeeded: false,
    freshness: 'none',
    refusal: null,
  };

  it('is taken as documented and in no other form', () => {
    expect(keyringInfoSchema.parse(keyring)).toEqual(keyring);
    const refusal = { code: 'ERR_SEAL_TAMPERED' as const, message: 'changed' };
    expect(keyringInfoSchema.safeParse({ ...keyring, origin: 'none', id: null, refusal }).success).toBe(true);
    for (const change of [{ id: 'xx' }, { key: 'secret' }, { refusal: { code: 'ERR_OTHER', message: '' } }]) {
      expect(keyringInfoSchema.safeParse({ ...keyring, ...change }).success).toBe(false);
    }
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
