import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boolean,
  enumerated,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  time,
} from '../../src/der/der.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the DER writer', () => {
  test('writes integers in the shortest form, never negative', () => {
    expect(hex(integer(0))).toBe('020100');
    expect(hex(integer(127))).toBe('02017f');
    expect(hex(integer(128))).toBe('02020080');
    expect(hex(integer(65_535))).toBe('020300ffff');
    expect(hex(integer(Uint8Array.of(0, 0, 1)))).toBe('020101');
    expect(hex(integer(Uint8Array.of(0xff)))).toBe('020200ff');
    expect(hex(enumerated(1))).toBe('0a0101');
  });

  test('writes lengths below 128 in one byte, and longer ones with their own length', () => {
    fc.assert(
      fc.property(fc.nat({ max: 70_000 }), (length) => {
        const bytes = octetString(new Uint8Array(length));
        const extra = length < 128 ? 0 : length < 256 ? 1 : length < 65_536 ? 2 : 3;
        expect(bytes.length).toBe(2 + extra + length);
        if (length < 128) expect(bytes[1]).toBe(length);
        else expect(Buffer.from(bytes).readUIntBE(2, extra)).toBe(length);
      }),
    );
  });

  test('writes object identifiers as X.690 shows them', () => {
    expect(hex(oid('1.2.840.113741.1.13.1'))).toBe('06092a864886f84d010d01');
    expect(hex(oid('2.5.29.19'))).toBe('0603551d13');
    expect(hex(oid('1.3.6.1.4.1.59999.7.1'))).toBe('060a2b0601040183d45f0701');
  });

  test('writes times as RFC 5280 wants them', () => {
    expect(Buffer.from(time(new Date('2026-11-25T01:02:03.999Z'))).toString('latin1')).toBe('\x17\x0d261125010203Z');
    expect(Buffer.from(time(new Date('2050-01-01T00:00:00Z'))).toString('latin1')).toBe('\x18\x0f20500101000000Z');
  });

  test('nests', () => {
    expect(hex(sequence(boolean(true), explicit(0, integer(2)), implicit(0, Uint8Array.of(9))))).toBe(
      '300b0101ffa003020102800109',
    );
  });
});
