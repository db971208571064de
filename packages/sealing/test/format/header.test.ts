import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePrefix, parsePrefix } from '../../src/format/envelope.ts';
import type { SealHeader } from '../../src/format/header.ts';
import { encodeBareHeader, withCommitment } from '../../src/format/header-codec.ts';
import { BlobSealer, DeviceKeys, parseEnvelope, Sealer } from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';

const data = new TextEncoder().encode('the state of the oracle');
const sealer = new Sealer(cpu());
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const plain = (value: Uint8Array) => new Uint8Array(value);

const recipients = fc.oneof(
  fc.record({
    kind: fc.constant('keyring' as const),
    keyringId: bytes(16).map(plain),
    generation: fc.nat(0xffff_ffff),
  }),
  fc.record({
    kind: fc.constant('device' as const),
    keyCheck: bytes(16).map(plain),
    policy: fc.constantFrom('enclave' as const, 'signer' as const),
    keyId: bytes(32).map(plain),
    cpuSvn: bytes(16).map(plain),
    isvSvn: fc.nat(0xffff),
    configSvn: fc.nat(0xffff),
    mrEnclave: bytes(32).map((value) => Buffer.from(value).toString('hex')),
    mrSigner: bytes(32).map((value) => Buffer.from(value).toString('hex')),
  }),
);
const headers: fc.Arbitrary<SealHeader> = fc.record({
  coseAlg: fc.constantFrom(3 as const, 24 as const),
  recipient: recipients,
  salt: bytes(32).map(plain),
  name: fc.string({ maxLength: 100, unit: 'grapheme' }),
  epoch: fc.option(fc.nat(0xffff_ffff)),
  chunkSize: fc.integer({ min: 64, max: 1024 * 1024 }),
  plaintextLength: fc.option(fc.nat(0xffff_ffff)),
});

describe('the header', () => {
  it('is read as it was written, with a body inside, behind or elsewhere', () => {
    fc.assert(
      fc.property(headers, bytes(32), fc.option(fc.nat(0xffff_ffff)), (header, commitment, bodyLength) => {
        const prefix = encodePrefix(withCommitment(encodeBareHeader(header), commitment), bodyLength);
        const parsed = parsePrefix(prefix);
        expect(parsed).toMatchObject({ bodyLength, length: prefix.length });
        expect(JSON.stringify(parsed?.header)).toBe(JSON.stringify(header));
        for (let length = 0; length < prefix.length; length += 1)
          expect(parsePrefix(prefix.subarray(0, length))).toBe(null);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the blob as it is', async () => {
    const blob = Buffer.from(await sealer.seal(data));
    const before = blob.toString('hex');
    parseEnvelope(blob);
    expect(blob.toString('hex')).toBe(before);
  });

  it('answers any bytes with a header or a typed refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('', 'd0', 'd083', 'd08358'), (rest, start) => {
        try {
          parseEnvelope(Buffer.concat([Buffer.from(start, 'hex'), rest]));
        } catch (error) {
          expect(['ERR_SEAL_FORMAT', 'ERR_SEAL_TRUNCATED']).toContain((error as { code?: unknown }).code);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a header edited field by field', () => {
  const rebuilt = async (edit: (map: Map<string | number, CborValue>) => void, sealed?: Uint8Array) => {
    const { protectedBytes, body } = parseEnvelope(sealed ?? (await sealer.seal(data, { name: 'state' })));
    const map = decodeCanonical(protectedBytes);
    if (!(map instanceof Map)) throw new Error('the header is no map');
    edit(map);
    return Buffer.concat([encodePrefix(encodeCanonical(map), body.length), body]);
  };
  const other = (value: CborValue | undefined): CborValue => {
    if (value instanceof Uint8Array) return value.map((byte, index) => (index === 3 ? byte ^ 1 : byte));
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'string') return `${value}x`;
    return null;
  };

  it.each([
    ['the IV', 5, 'ERR_SEAL_FORMAT'],
    ['the version', -70001, 'ERR_SEAL_FORMAT'],
    ['the salt', -70002, 'ERR_SEAL_TAMPERED'],
    ['the commitment', -70003, 'ERR_SEAL_TAMPERED'],
    ['the name', -70004, 'ERR_SEAL_TAMPERED'],
    ['the chunk size', -70007, 'ERR_SEAL_TAMPERED'],
    ['the length', -70008, 'ERR_SEAL_TAMPERED'],
    ['the key check', -70009, 'ERR_SEAL_KEY_MISMATCH'],
    ['the policy', -70010, 'ERR_SEAL_KEY_MISMATCH'],
    ['the MRENCLAVE', -70012, 'ERR_SEAL_TAMPERED'],
    ['the MRSIGNER', -70014, 'ERR_SEAL_TAMPERED'],
  ])('%s', async (_what, label, code) => {
    const blob = await rebuilt((map) => map.set(label, other(map.get(label))));
    expect(await codeOf(() => sealer.unseal(blob, { name: 'state' }))).toBe(code);
    const missing = await rebuilt((map) => map.delete(label));
    expect(await codeOf(() => sealer.unseal(missing, { name: 'state' }))).toBe('ERR_SEAL_FORMAT');
  });

  it.each([
    ['key id', 0, 'ERR_SEAL_KEY_MISMATCH'],
    ['CPUSVN', 1, 'ERR_SEAL_KEY_MISMATCH'],
    ['ISVSVN', 2, 'ERR_SEAL_SVN_TOO_NEW'],
    ['CONFIGSVN', 3, 'ERR_SEAL_KEY_MISMATCH'],
  ])('the %s of the key request', async (_what, index, code) => {
    const blob = await rebuilt((map) => {
      const request = map.get(-70011);
      if (Array.isArray(request)) request[index] = other(request[index]);
    });
    expect(await codeOf(() => sealer.unseal(blob, { name: 'state' }))).toBe(code);
  });

  it('the algorithm', async () => {
    const blob = await rebuilt((map) => map.set(1, 24));
    expect(await codeOf(() => sealer.unseal(blob, { name: 'state' }))).toBe('ERR_SEAL_TAMPERED');
    const unknown = await rebuilt((map) => map.set(1, 1));
    expect(await codeOf(() => sealer.unseal(unknown, { name: 'state' }))).toBe('ERR_SEAL_FORMAT');
  });

  it('the epoch', async () => {
    const blobs = new BlobSealer(new DeviceKeys(cpu()).withPolicy('enclave'));
    const sealed = await blobs.seal(data, { epoch: 4 });
    const changed = await rebuilt((map) => map.set(-70005, 5), sealed);
    expect(await codeOf(() => blobs.open(changed))).toBe('ERR_SEAL_TAMPERED');
  });

  it('an unknown label, another order, a duplicate key, a longer integer', async () => {
    const blob = await sealer.seal(data);
    const { protectedBytes, body, bareHeader } = parseEnvelope(blob);
    const withHeader = (header: Uint8Array) => Buffer.concat([encodePrefix(header, body.length), body]);
    const refused = async (header: Uint8Array) => {
      expect(await codeOf(() => sealer.unseal(withHeader(header)))).toBe('ERR_SEAL_FORMAT');
    };
    expect((await sealer.unseal(withHeader(protectedBytes))).data).toEqual(data);
    await refused(await rebuilt((map) => map.set(99, 1)).then((changed) => parsedBytes(changed)));
    await refused(
      await rebuilt((map) => {
        const alg = map.get(1);
        map.delete(1);
        map.set(1, alg ?? null);
      }).then((changed) => parsedBytes(changed)),
    );
    // The algorithm twice, then the algorithm as a two-byte integer: 01 03 becomes 01 03 01 03 and 01 18 03.
    const duplicate = Buffer.concat([Uint8Array.of((protectedBytes[0] ?? 0) + 1, 1, 3), protectedBytes.subarray(1)]);
    await refused(duplicate);
    await refused(Buffer.concat([protectedBytes.subarray(0, 2), Uint8Array.of(0x18, 3), protectedBytes.subarray(3)]));
    await refused(bareHeader);
    const wide = Buffer.concat([
      Uint8Array.of(0xd0, 0x83, 0x5a, 0, 0, protectedBytes.length >> 8, protectedBytes.length & 255),
      blob.subarray(5),
    ]);
    expect(await codeOf(() => sealer.unseal(wide))).toBe('ERR_SEAL_FORMAT');
  });
});

/** The protected header of a blob that may not parse: a long byte string behind two bytes. */
function parsedBytes(blob: Uint8Array): Uint8Array {
  const length = (blob[3] ?? 0) * 256 + (blob[4] ?? 0);
  return blob.subarray(5, 5 + length);
}
