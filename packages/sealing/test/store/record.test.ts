import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyring, nodeChaCha20Poly1305 } from '../../src/index.ts';
import { RecordCipher } from '../../src/store/record-cipher.ts';
import { parseRecordHead, recordHeadBytes, recordLength } from '../../src/store/sealed-record.ts';
import { decodePlaintext, encodePlaintext } from '../../src/store/value-plaintext.ts';

const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const id = new Uint8Array(16).fill(9);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const flipped = (record: Uint8Array, bit: number) => {
  const changed = Uint8Array.from(record);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
};

describe('a record', () => {
  it('opens to what was sealed, with its entry and its commit, by any cipher of the keyring', () => {
    const plaintexts = fc.uint8Array({ maxLength: 600 });
    const epochs = fc.integer({ min: 1, max: 0xffff_ffff });
    fc.assert(
      fc.property(plaintexts, bytes(16), epochs, fc.boolean(), (plaintext, entry, epoch, isChaCha) => {
        const cipher = new RecordCipher(keyring, isChaCha ? { aead: nodeChaCha20Poly1305 } : {});
        const record = cipher.seal(entry, epoch, plaintext);
        expect(record.length).toBe(recordLength(plaintext.length));
        const opened = new RecordCipher(keyring).open(record);
        expect(Buffer.from(opened.plaintext).equals(plaintext)).toBe(true);
        expect(Buffer.from(opened.id).equals(entry)).toBe(true);
        expect(opened).toMatchObject({ epoch, resealNeeded: false });
      }),
      { numRuns: 100 },
    );
  });

  it('is refused with any bit of it changed', async () => {
    const cipher = new RecordCipher(keyring);
    const record = cipher.seal(id, 7, new Uint8Array(100));
    for (let bit = 0; bit < record.length * 8; bit += 1) {
      const at = bit >> 3;
      const expected =
        at === 0 || at === 1
          ? 'ERR_SEAL_FORMAT'
          : at < 6
            ? 'ERR_SEAL_KEY_MISMATCH'
            : at >= 14 && at < 18
              ? /^ERR_SEAL_(TRUNCATED|FORMAT)$/
              : 'ERR_SEAL_TAMPERED';
      const code = await codeOf(() => cipher.open(flipped(record, bit)));
      if (typeof expected === 'string') expect({ bit, code }).toEqual({ bit, code: expected });
      else expect(code).toMatch(expected);
    }
  });

  it('is refused when its algorithm is exchanged for the other one', async () => {
    const record = Uint8Array.from(new RecordCipher(keyring).seal(id, 7, new Uint8Array(10)));
    record[1] = 24;
    expect(await codeOf(() => new RecordCipher(keyring).open(record))).toBe('ERR_SEAL_TAMPERED');
  });

  it('is refused at every length but its own', async () => {
    const cipher = new RecordCipher(keyring);
    const record = cipher.seal(id, 7, new Uint8Array(20));
    for (let length = 0; length < record.length; length += 1) {
      expect(await codeOf(() => cipher.open(record.subarray(0, length)))).toBe('ERR_SEAL_TRUNCATED');
    }
    const longer = Buffer.concat([record, new Uint8Array(1)]);
    expect(await codeOf(() => cipher.open(longer))).toBe('ERR_SEAL_FORMAT');
  });

  it('answers any bytes with a head or a typed refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (rest, isAlmost) => {
        const input = isAlmost ? Buffer.concat([Uint8Array.of(1, 3), rest]) : rest;
        try {
          expect(recordLength(parseRecordHead(input).length)).toBe(input.length);
        } catch (error) {
          expect(['ERR_SEAL_FORMAT', 'ERR_SEAL_TRUNCATED']).toContain((error as { code?: unknown }).code);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of a destroyed generation opens no more, also with a key that was derived before', async () => {
    const rotating = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const cipher = new RecordCipher(rotating);
    const reader = new RecordCipher(rotating);
    const record = cipher.seal(id, 1, Uint8Array.of(1));
    expect(reader.open(record).resealNeeded).toBe(false);
    rotating.rotate({ now: 2 });
    expect(reader.open(record).resealNeeded).toBe(true);
    expect(parseRecordHead(cipher.seal(id, 2, Uint8Array.of(1))).generation).toBe(2);
    rotating.destroy(1);
    for (const each of [reader, cipher])
      expect(await codeOf(() => each.open(record))).toBe('ERR_SEAL_GENERATION_DESTROYED');
  });
});

describe('the nonces of records', () => {
  const nonceOf = (record: Uint8Array) => {
    const { generation, salt, counter } = parseRecordHead(record);
    return `${generation} ${Buffer.from(salt).toString('hex')} ${counter}`;
  };

  it('never repeat: not in one cipher, not in two, not over a rotation', () => {
    const rotating = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const ciphers = [new RecordCipher(rotating), new RecordCipher(rotating)];
    const seen = new Set<string>();
    for (let i = 0; i < 300; i += 1) {
      if (i === 100 || i === 200) rotating.rotate({ now: i });
      for (const cipher of ciphers) seen.add(nonceOf(cipher.seal(id, 1, Uint8Array.of(i & 1))));
    }
    expect(seen.size).toBe(600);
  });

  it('do not repeat even where the random source always says the same', () => {
    const options = { rng: (length: number) => new Uint8Array(length) };
    const records = [1, 2].map(() => new RecordCipher(keyring, options).seal(id, 1, Uint8Array.of(1)));
    expect(new Set(records.map(nonceOf)).size).toBe(2);
  });

  it.each([
    ['records', { records: 3, bytes: 1e9 }, [3, 3, 3, 1]],
    ['bytes', { records: 1e9, bytes: 350 }, [3, 3, 3, 1]],
  ])('are of a new key after so many %s, and every record still opens', (_what, limits, expected) => {
    const cipher = new RecordCipher(keyring, {}, limits);
    const records = Array.from({ length: 10 }, (_, i) => cipher.seal(id, i + 1, new Uint8Array(100)));
    const salts = records.map(saltOf);
    const perSalt = [...new Set(salts)].map((salt) => salts.filter((other) => other === salt).length);
    expect(perSalt).toEqual(expected);
    expect(new Set(records.map(nonceOf)).size).toBe(10);
    records.forEach((record, i) => {
      expect(cipher.open(record).epoch).toBe(i + 1);
    });
  });

  const saltOf = (record: Uint8Array) => Buffer.from(parseRecordHead(record).salt).toString('hex');
});

describe('the content of a record', () => {
  it('is a name and a value, padded or not', () => {
    const names = fc.string({ maxLength: 40, unit: 'grapheme' });
    fc.assert(
      fc.property(names, fc.uint8Array({ maxLength: 700 }), fc.boolean(), (name, value, isPadded) => {
        const encoded = encodePlaintext(name, value, isPadded ? 'size-classes' : 'none');
        if (isPadded) expect(Math.log2(encoded.length)).toBe(Math.trunc(Math.log2(encoded.length)));
        const decoded = decodePlaintext(encoded);
        expect(decoded.name).toBe(name);
        expect(Buffer.from(decoded.value).equals(value)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        try {
          decodePlaintext(any);
        } catch (error) {
          expect((error as { code?: unknown }).code).toBe('ERR_SEAL_FORMAT');
        }
      }),
    );
  });

  it('stands behind a head of fixed length', () => {
    expect(recordHeadBytes).toBe(66);
  });
});
