import { isTeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { type CborValue, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { CborReader } from '../../src/ra-tls/cbor-reader.ts';
import { encodeDiceEvidence, parseDiceEvidence } from '../../src/ra-tls/dice-evidence.ts';
import { encodeEndorsements, parseEndorsements } from '../../src/ra-tls/endorsements.ts';
import { encodeRaTlsClaims, parseRaTlsClaims } from '../../src/ra-tls/ra-tls-claims.ts';
import { flipBit } from '../helpers/vectors.ts';
import { good, tagged } from './support.ts';

const bytes = (maxLength = 40) => fc.uint8Array({ maxLength });
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

/** Runs a parser on anything, and on a good document cut off and changed: whatever it throws must be typed. */
function throwsOnlyTyped(parse: (input: Uint8Array) => unknown, document: Uint8Array): void {
  const codes = new Set<TeeErrorCode>();
  const attempt = (input: Uint8Array) => {
    try {
      parse(input);
    } catch (error) {
      if (!isTeeError(error)) throw error;
      codes.add(error.code);
    }
  };
  fc.assert(fc.property(bytes(), attempt));
  for (let length = 0; length < Math.min(document.length, 400); length += 1) attempt(document.subarray(0, length));
  for (let bit = 0; bit < 8 * Math.min(document.length, 200); bit += 1) attempt(flipBit(document, bit >> 3, bit & 7));
  expect([...codes].filter((code) => code !== 'ERR_RATLS_FORMAT' && code !== 'ERR_RATLS_UNSUPPORTED')).toEqual([]);
}

describe('CBOR', () => {
  const item = (hex: string) => {
    const reader = new CborReader(fromHex(hex));
    const encoding = toHex(reader.item());
    reader.end();
    return encoding;
  };

  it.each([
    ['an integer', '1903e8'],
    ['a large integer', '1b000000e8d4a51000'],
    ['a negative integer', '3903e7'],
    ['a text', '63e6b0b4'],
    ['a nested map', 'a26161016162820203'],
    ['a tag', 'c11a514b67b0'],
    ['true and null', '82f5f6'],
    ['a half float', 'f90000'],
    ['a double', 'fb0000000000000000'],
    ['an unassigned simple value', 'f8ff'],
  ])('reads past %s', (_, hex) => {
    expect(item(hex)).toBe(hex);
  });

  it.each([
    ['nothing', ''],
    ['an indefinite byte string', '5f42010243030405ff'],
    ['an indefinite array', '9f01ff'],
    ['an indefinite map', 'bf616101ff'],
    ['a reserved head', '1c'],
    ['a break', 'ff'],
    ['a longer head than needed', '1817'],
    ['a longer head than needed, of two bytes', '190017'],
    ['a longer head than needed, of eight bytes', '1b00000000ffffffff'],
    ['a simple value in two bytes that fits one', 'f814'],
    ['a cut off string', '430102'],
    ['a length of petabytes', '5b0007ffffffffffff'],
    ['an array that is cut off', '8301'],
    ['a map of billions', 'ba7fffffff00'],
    ['a deep nest', `${'81'.repeat(40)}00`],
    ['bytes after it', '0000'],
  ])('refuses %s', async (_, hex) => {
    expect(await codeOf(() => item(hex))).toBe('ERR_RATLS_FORMAT');
  });

  it('refuses a text that is not UTF-8, and items of another type', async () => {
    expect(await codeOf(() => new CborReader(fromHex('61ff')).text())).toBe('ERR_RATLS_FORMAT');
    expect(await codeOf(() => new CborReader(fromHex('01')).bytes())).toBe('ERR_RATLS_FORMAT');
    expect(await codeOf(() => new CborReader(fromHex('4101')).unsigned())).toBe('ERR_RATLS_FORMAT');
  });

  it('reads past every value that our own encoder writes', () => {
    const scalars = fc.oneof(
      bytes(),
      fc.string(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const values = fc.oneof(scalars, fc.array(scalars, { maxLength: 30 }), fc.dictionary(fc.string(), scalars));
    const toCbor = (value: unknown): CborValue =>
      value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)
        ? new Map(Object.entries(value))
        : (value as CborValue);
    fc.assert(
      fc.property(values, (value) => {
        const encoding = encodeCanonical(toCbor(value));
        expect(item(toHex(encoding))).toBe(toHex(encoding));
      }),
    );
  });
});

describe('tagged evidence', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(bytes(70_000), bytes(), (quote, claims) => {
        expect(parseDiceEvidence(encodeDiceEvidence({ quote, claims }))).toEqual({ quote, claims });
      }),
      { numRuns: 30 },
    );
  });

  it('is a quote and claims and nothing else', async () => {
    const [quote, claims] = [Uint8Array.of(3, 0), Uint8Array.of(0xa0)];
    for (const item of [[quote], [quote, claims, claims], ['quote', claims], [quote, 'claims'], quote]) {
      const evidence = tagged(60_000, encodeCanonical(item));
      expect(await codeOf(() => parseDiceEvidence(evidence))).toBe('ERR_RATLS_FORMAT');
    }
    const longer = Uint8Array.of(...encodeDiceEvidence({ quote, claims }), 0);
    expect(await codeOf(() => parseDiceEvidence(longer))).toBe('ERR_RATLS_FORMAT');
    throwsOnlyTyped(parseDiceEvidence, encodeDiceEvidence({ quote, claims }));
  });
});

describe('claims', () => {
  const keyDigest = new Uint8Array(32).fill(7);
  const entry = (algorithm: number, length: number) => encodeCanonical([algorithm, new Uint8Array(length)]);
  const map = (...pairs: [string, CborValue][]) => encodeCanonical(new Map(pairs));

  it('are read as they were written', () => {
    const names = fc.string({ maxLength: 20 }).filter((name) => name !== 'pubkey-hash' && name !== 'nonce');
    const custom = fc.dictionary(names, bytes(), { maxKeys: 30, noNullPrototype: true });
    fc.assert(
      fc.property(fc.option(bytes()), custom, (nonce, claims) => {
        const read = parseRaTlsClaims(encodeRaTlsClaims({ keyDigest, nonce: nonce ?? undefined, custom: claims }));
        expect(read.keyHash).toEqual({ algorithm: 'SHA-256', digest: keyDigest });
        expect(read.nonce).toEqual(nonce);
        const encoded = Object.entries(claims).map(([name, value]) => [name, encodeCanonical(value)]);
        expect(Object.fromEntries(read.custom)).toEqual(Object.fromEntries(encoded));
      }),
    );
  });

  it('may hold what nobody knows, of any type', () => {
    const claims = map(['x', [1, new Map([['y', null]])]], ['pubkey-hash', entry(1, 32)], ['z', 'text']);
    expect([...parseRaTlsClaims(claims).custom.keys()]).toEqual(['x', 'z']);
  });

  it('are refused when one occurs twice', async () => {
    const pair = encodeCanonical(new Map([['pubkey-hash', entry(1, 32)]])).subarray(1);
    const nonce = encodeCanonical(new Map([['nonce', Uint8Array.of(1)]])).subarray(1);
    expect(await codeOf(() => parseRaTlsClaims(Uint8Array.of(0xa2, ...pair, ...pair)))).toBe('ERR_RATLS_FORMAT');
    const twice = Uint8Array.of(0xa3, ...pair, ...nonce, ...nonce);
    expect(await codeOf(() => parseRaTlsClaims(twice))).toBe('ERR_RATLS_FORMAT');
  });

  it.each<[string, Uint8Array, TeeErrorCode]>([
    ['no map', encodeCanonical([1]), 'ERR_RATLS_FORMAT'],
    ['no key hash', map(['nonce', new Uint8Array()]), 'ERR_RATLS_FORMAT'],
    ['a key hash that is no byte string', map(['pubkey-hash', [1, new Uint8Array(32)]]), 'ERR_RATLS_FORMAT'],
    ['a nonce that is no byte string', map(['pubkey-hash', entry(1, 32)], ['nonce', 'n']), 'ERR_RATLS_FORMAT'],
    ['a hash of the wrong length', map(['pubkey-hash', entry(7, 32)]), 'ERR_RATLS_FORMAT'],
    ['a hash entry of three', map(['pubkey-hash', encodeCanonical([1, keyDigest, 0])]), 'ERR_RATLS_FORMAT'],
    ['an unknown hash', map(['pubkey-hash', entry(2, 15)]), 'ERR_RATLS_UNSUPPORTED'],
    ['a name that is no text', encodeCanonical(new Map([[1, keyDigest]])), 'ERR_RATLS_FORMAT'],
    ['something after them', Uint8Array.of(...map(['pubkey-hash', entry(1, 32)]), 0), 'ERR_RATLS_FORMAT'],
    ['an indefinite map', fromHex(`bf${toHex(map(['pubkey-hash', entry(1, 32)]).subarray(1))}ff`), 'ERR_RATLS_FORMAT'],
  ])('are refused with %s', async (_, claims, code) => {
    expect(await codeOf(() => parseRaTlsClaims(claims))).toBe(code);
  });

  it('give typed errors only', () => {
    throwsOnlyTyped(parseRaTlsClaims, encodeRaTlsClaims({ keyDigest, nonce: keyDigest, custom: { a: [1, 'b'] } }));
  });
});

describe('endorsements', () => {
  const { collateral } = good;

  it('are read as they were written, with absent parts absent', () => {
    expect(parseEndorsements(encodeEndorsements(collateral))).toEqual(collateral);
    const { pckCrl, rootCaCrl, ...without } = collateral;
    expect(parseEndorsements(encodeEndorsements(without))).toEqual(without);
  });

  it('may name the time of their creation', () => {
    const parts = ['tcbInfo', 'tcbInfoIssuerChain', 'pckCrl', 'rootCaCrl', 'pckCrlIssuerChain'] as const;
    const fields = [...parts, 'qeIdentity', 'qeIdentityIssuerChain'] as const;
    const values = fields.map((name) => collateral[name] ?? new Uint8Array());
    const when = new TextEncoder().encode('2026-01-15T00:00:00Z\0');
    const nine = tagged(60_000, encodeCanonical([1, ...values, when]));
    expect(parseEndorsements(nine)).toEqual(collateral);
    const ten = tagged(60_000, encodeCanonical([1, ...values, when, when]));
    return expect(codeOf(() => parseEndorsements(ten))).resolves.toBe('ERR_RATLS_FORMAT');
  });

  it('are refused incomplete, of another version or of another kind', async () => {
    const encoded = encodeEndorsements(collateral);
    expect(await codeOf(() => parseEndorsements(encoded.with(4, 2)))).toBe('ERR_RATLS_UNSUPPORTED');
    expect(await codeOf(() => parseEndorsements(encoded.with(2, 0x61)))).toBe('ERR_RATLS_UNSUPPORTED');
    const empty = { ...collateral, tcbInfo: new Uint8Array() };
    expect(await codeOf(() => parseEndorsements(encodeEndorsements(empty)))).toBe('ERR_RATLS_FORMAT');
    throwsOnlyTyped(parseEndorsements, encoded);
  });

  it('have no place for signatures beside their documents', async () => {
    for (const part of ['tcbInfoSignature', 'qeIdentitySignature', 'pckCertificateChain'] as const) {
      const wrong = { ...collateral, [part]: new Uint8Array(64) };
      expect(await codeOf(() => encodeEndorsements(wrong))).toBe('ERR_INVALID_ARGUMENT');
    }
  });
});
