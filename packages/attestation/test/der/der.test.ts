import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { readDerElement } from '../../src/der/der-element.ts';
import {
  readBoolean,
  readIntegerBytes,
  readOid,
  readSmallInteger,
  readTime,
  readWholeBits,
} from '../../src/der/der-values.ts';
import { readEcdsaSignature } from '../../src/der/ecdsa-signature.ts';
import { der, integer, octets, oid, sequence, time } from '../helpers/der-writer.ts';

const element = (hex: string) => readDerElement(fromHex(hex));

describe('strict DER', () => {
  it('reads back what was written, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => {
        const encoded = octets(bytes);
        const read = readDerElement(encoded);
        expect(read.tag).toBe(4);
        expect(read.content.length).toBe(bytes.length);
        expect(read.encoded.length).toBe(encoded.length);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['an indefinite length', '30800000'],
    ['a length in more octets than needed', '308105' + '0000000000'],
    ['a long length with a leading zero', `30820081${'00'.repeat(0x81)}`],
    ['a length of four octets', '308400000001' + '00'],
    ['a length past the end', '3003020101'.slice(0, 8)],
    ['a long identifier', '1f8101' + '00'],
  ])('refuses %s', async (_, hex) => {
    expect((await thrownBy(() => element(hex))).code).toBe('ERR_CERT_FORMAT');
  });

  it('never reads past the end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(readDerElement(bytes).encoded.length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          if (!isTeeError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads object identifiers', () => {
    for (const id of [
      '1.2.840.113741.1.13.1.2.17',
      '2.5.29.15',
      '2.23.133.5.4.9',
      '1.3.6.1.4.1.59999.7.1',
      '2.999.1',
      '0.0',
    ]) {
      expect(readOid(readDerElement(oid(id)))).toBe(id);
    }
  });

  it.each([
    ['an empty identifier', () => readOid(element('0600'))],
    ['an identifier that is cut off', () => readOid(element('060186'))],
    ['an identifier with a padded arc', () => readOid(element('06032a8001'))],
    ['an identifier with an absurd arc', () => readOid(element(`060a2a${'ff'.repeat(8)}7f`))],
    ['an empty integer', () => readIntegerBytes(element('0200'))],
    ['a padded integer', () => readIntegerBytes(element('02020001'))],
    ['a padded negative integer', () => readIntegerBytes(element('0202ff80'))],
    ['a negative number where none may be', () => readSmallInteger(element('0201ff'), 255)],
    ['a number out of range', () => readSmallInteger(element('02020100'), 255)],
    ['a number of many octets', () => readSmallInteger(element(`0208${'01'.repeat(8)}`), 2 ** 52)],
    ['a boolean that is neither', () => readBoolean(element('010101'))],
    ['a bit string with unused bits', () => readWholeBits(element('03020780'))],
    ['a time without seconds', () => readTime(element('170b323630313135303030305a'))],
    ['a time with an offset', () => readTime(der17('260115000000+0100'))],
    ['the 30th of February', () => readTime(der17('260230000000Z'))],
    ['25 o’clock', () => readTime(der17('260115250000Z'))],
  ])('refuses %s', async (_, action) => {
    expect((await thrownBy(action)).code).toBe('ERR_CERT_FORMAT');
  });

  it('reads times of both forms and both centuries', () => {
    expect(readTime(readDerElement(time(1_768_435_200)))).toBe(1_768_435_200);
    expect(readTime(der17('491231235959Z'))).toBe(Date.UTC(2049, 11, 31, 23, 59, 59) / 1000);
    expect(readTime(der17('500101000000Z'))).toBe(Date.UTC(1950, 0, 1) / 1000);
  });
});

describe('ECDSA signatures in DER', () => {
  it('come out as r and s, whatever their leading zeros', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 1, maxLength: 32 }),
        (r, s) => {
          const raw = readEcdsaSignature(sequence(integer(r), integer(s)));
          expect(toHex(raw)).toBe(toHex(r) + toHex(s).padStart(64, '0'));
        },
      ),
    );
  });

  it('are refused when a number is negative, too long, padded, or followed by something', async () => {
    const one = integer(1);
    const bad = [
      sequence(fromHex('0201ff'), one),
      sequence(der(2, new Uint8Array(33).fill(1)), one),
      sequence(fromHex('02020001'), one),
      sequence(one, one, one),
      sequence(one),
    ];
    for (const bytes of bad) expect((await thrownBy(() => readEcdsaSignature(bytes))).code).toBe('ERR_CERT_FORMAT');
  });
});

function der17(text: string) {
  return readDerElement(der(0x17, new TextEncoder().encode(text)));
}
