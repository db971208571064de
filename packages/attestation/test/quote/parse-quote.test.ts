import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { parseQuote } from '../../src/index.ts';
import { testEvidence } from '../helpers/test-pki.ts';
import type { TestQuoteKind } from '../helpers/test-quote.ts';
import { readCase, vectorsFolder } from '../helpers/vectors.ts';

const kinds: TestQuoteKind[] = ['sgx-v3', 'sgx-v4', 'sgx-v5', 'td10-v4', 'td10-v5', 'td15-v5', 'td15ex-v5'];
const quoteCodes = ['ERR_QUOTE_FORMAT', 'ERR_QUOTE_UNSUPPORTED'];

function patched(bytes: Uint8Array, changes: Record<number, number>): Uint8Array {
  const copy = bytes.slice();
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return copy;
}

describe('parseQuote', () => {
  it('reads an SGX body by name', () => {
    const { body, header, certificationData } = parseQuote(testEvidence().quote);
    expect(header).toMatchObject({ version: 3, attestationKeyType: 2, teeType: 0, qeSvn: 9, pceSvn: 13 });
    if (body.kind !== 'sgx') return expect.fail('an SGX quote was expected');
    expect(toHex(body.mrEnclave)).toBe('ee'.repeat(32));
    expect(body).toMatchObject({ isvProdId: 1, isvSvn: 2, attributes: { flags: 5n, xfrm: 3n } });
    expect(certificationData.kind).toBe('pck-chain');
  });

  it('reads a TD body of each kind by name', () => {
    for (const kind of ['td10-v4', 'td10-v5', 'td15-v5', 'td15ex-v5'] as const) {
      const { body } = parseQuote(testEvidence({ kind }).quote);
      if (body.kind === 'sgx') return expect.fail('a TD quote was expected');
      expect(body.kind).toBe(kind.split('-')[0]);
      expect(toHex(body.mrTd)).toBe('7d'.repeat(48));
      expect(toHex(body.rtmrs[3])).toBe('12'.repeat(48));
      expect(toHex(body.reportData)).toBe('da'.repeat(64));
      if (body.kind === 'td15ex') expect(toHex(body.curServTdAttributes)).toBe('e8'.repeat(8));
    }
    return undefined;
  });

  it('counts what comes after the quote and leaves it out', () => {
    const { quote } = testEvidence();
    const longer = new Uint8Array(quote.length + 39).fill(1);
    longer.set(quote);
    const parsed = parseQuote(longer);
    expect(parsed.trailingBytes).toBe(39);
    expect(parsed.bytes).toEqual(quote);
  });

  it('holds bytes of its own: changing the input later changes nothing', () => {
    const quote = testEvidence().quote.slice();
    const parsed = parseQuote(quote);
    quote.fill(0);
    expect(parsed.header.version).toBe(3);
    expect(parsed.signedBytes[0]).toBe(3);
  });

  it('names the PPID of certification data types 1 to 3', () => {
    for (const [certificationType, length] of [
      [1, 36],
      [2, 276],
      [3, 404],
    ] as const) {
      const certificationData = new Uint8Array(length).fill(4);
      const { certificationData: data } = parseQuote(
        testEvidence({ quote: { certificationType, certificationData } }).quote,
      );
      expect(data).toMatchObject({ type: certificationType, pceSvn: 0x0404 });
    }
  });

  it.each([
    ['version 2', { 0: 2 }, 'ERR_QUOTE_UNSUPPORTED'],
    ['an attestation key on P-384', { 2: 3 }, 'ERR_QUOTE_UNSUPPORTED'],
    ['TDX in version 3', { 4: 0x81 }, 'ERR_QUOTE_UNSUPPORTED'],
    ['an unknown TEE', { 4: 1 }, 'ERR_QUOTE_UNSUPPORTED'],
    ['a signature length past the end', { 435: 0xff }, 'ERR_QUOTE_FORMAT'],
    ['a signature length that is too short', { 433: 0 }, 'ERR_QUOTE_FORMAT'],
    ['an authentication data length past the end', { 1012: 0xff, 1013: 0xff }, 'ERR_QUOTE_FORMAT'],
  ])('refuses %s', async (_, changes, code) => {
    const error = await thrownBy(() => parseQuote(patched(testEvidence().quote, changes)));
    expect(error.code).toBe(code);
  });

  it.each([
    ['a body type of the other TEE', { 48: 2 }, 'ERR_QUOTE_UNSUPPORTED'],
    ['an unknown body type', { 48: 5 }, 'ERR_QUOTE_UNSUPPORTED'],
    ['a body size that is not the one of its type', { 50: 1 }, 'ERR_QUOTE_FORMAT'],
  ])('refuses %s in version 5', async (_, changes, code) => {
    const error = await thrownBy(() => parseQuote(patched(testEvidence({ kind: 'sgx-v5' }).quote, changes)));
    expect(error.code).toBe(code);
  });

  it('refuses a quote cut off anywhere, with a typed error', () => {
    for (const kind of kinds) {
      const { quote } = testEvidence({ kind });
      for (let length = 0; length < quote.length; length += 1) {
        try {
          parseQuote(quote.subarray(0, length));
          expect.fail(`${kind} was accepted at ${length} of ${quote.length} bytes`);
        } catch (error) {
          if (!isTeeError(error)) throw error;
          expect(error.code).toBe('ERR_QUOTE_FORMAT');
        }
      }
    }
  });

  it('never throws anything but its two codes, whatever the bytes', () => {
    const samples = kinds.map((kind) => testEvidence({ kind }).quote);
    const mutated = fc
      .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { maxLength: 6 }))
      .map(([quote, changes]) => patched(quote, Object.fromEntries(changes)));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 2000 })), (bytes) => {
        try {
          const { signedBytes, trailingBytes } = parseQuote(bytes);
          expect(signedBytes.length + trailingBytes).toBeLessThan(bytes.length);
        } catch (error) {
          if (!isTeeError(error)) throw error;
          expect(quoteCodes).toContain(error.code);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.skipIf(!vectorsFolder)('reads the real measurements of a known quote', () => {
    const { body } = parseQuote(readCase('phala/sgx_cfg_swh').quote);
    if (body.kind !== 'sgx') return expect.fail('an SGX quote was expected');
    expect(body.isvSvn).toBe(0);
    return expect(body.attributes.flags & 2n).toBe(0n);
  });
});
