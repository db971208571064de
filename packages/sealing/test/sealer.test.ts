import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEnvelope, encodeHeader } from '../src/envelope.ts';
import { maxSealBytes, parseEnvelope, Sealer } from '../src/index.ts';
import { cpu } from './simulated-cpu.ts';

const data = new TextEncoder().encode('the state of the oracle');
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

describe('sealed data', () => {
  it('comes back in the same enclave, also after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.string(), fc.uint8Array(), async (bytes, name, aad) => {
        const blob = await new Sealer(cpu()).seal(bytes, { name, aad });
        const opened = await new Sealer(cpu()).unseal(blob, { name, aad });
        expect(Buffer.from(opened.data).equals(Buffer.from(bytes))).toBe(true);
        expect(opened).toMatchObject({ name, policy: 'enclave', resealNeeded: false, freshness: 'none' });
      }),
      { numRuns: 30 },
    );
  });

  it('is different bytes every time, and holds none of the plaintext', async () => {
    const sealer = new Sealer(cpu());
    const first = await sealer.seal(data);
    const second = await sealer.seal(data);
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(false);
    expect(Buffer.from(first).includes('oracle')).toBe(false);
  });

  it.each([
    ['another CPU', {}, { fuse: 'fuse-2' }, 'enclave'],
    ['another MRENCLAVE', {}, { mrEnclave: 'cc' }, 'enclave'],
    ['another MRSIGNER', {}, { mrSigner: 'cc' }, 'signer'],
    ['debug mode', {}, { debug: true }, 'signer'],
  ] as const)('does not open on %s, and the error names the reason', async (_what, sealing, opening, policy) => {
    const blob = await new Sealer(cpu(sealing)).seal(data, { policy });
    const error = await thrownBy(() => new Sealer(cpu(opening)).unseal(blob));
    expect(error).toMatchObject({
      code: 'ERR_SEAL_KEY_MISMATCH',
      expected: expect.any(String),
      hint: expect.any(String),
    });
  });

  it('opens in another enclave of the same signer when sealed to the signer', async () => {
    const blob = await new Sealer(cpu()).seal(data, { policy: 'signer' });
    const opened = await new Sealer(cpu({ mrEnclave: 'cc' })).unseal(blob);
    expect(opened.policy).toBe('signer');
    expect(Buffer.from(opened.data).equals(data)).toBe(true);
  });

  it('opens at a newer security version, which asks for a reseal; an older one is refused', async () => {
    const blob = await new Sealer(cpu()).seal(data);
    expect(await new Sealer(cpu({ isvSvn: 3 })).unseal(blob)).toMatchObject({ resealNeeded: true });
    expect(await new Sealer(cpu({ cpuSvn: 6 })).unseal(blob)).toMatchObject({ resealNeeded: true });
    expect(await codeOf(() => new Sealer(cpu({ isvSvn: 1 })).unseal(blob))).toBe('ERR_SEAL_SVN_TOO_NEW');
    expect(await codeOf(() => new Sealer(cpu({ cpuSvn: 4 })).unseal(blob))).toBe('ERR_SEAL_SVN_TOO_NEW');
  });

  it('opens only under its own name and AAD', async () => {
    const sealer = new Sealer(cpu());
    const blob = await sealer.seal(data, { name: 'alice/state', aad: Uint8Array.of(1) });
    expect(await codeOf(() => sealer.unseal(blob, { name: 'bob/state', aad: Uint8Array.of(1) }))).toBe(
      'ERR_SEAL_NAME_MISMATCH',
    );
    expect(await codeOf(() => sealer.unseal(blob, { name: 'alice/state', aad: Uint8Array.of(2) }))).toBe(
      'ERR_SEAL_TAMPERED',
    );
    expect(await codeOf(() => sealer.unseal(blob, { name: 'alice/state' }))).toBe('ERR_SEAL_TAMPERED');
  });

  it('is refused with any single bit flipped, and the error never says that it opened', async () => {
    const sealer = new Sealer(cpu());
    const blob = await sealer.seal(data, { name: 'state' });
    const codes = new Set<string | undefined>();
    for (let bit = 0; bit < blob.length * 8; bit += 1) {
      const changed = blob.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      codes.add(await codeOf(() => sealer.unseal(changed, { name: 'state' })));
    }
    expect(codes).toEqual(
      new Set(['ERR_SEAL_FORMAT', 'ERR_SEAL_KEY_MISMATCH', 'ERR_SEAL_SVN_TOO_NEW', 'ERR_SEAL_TAMPERED']),
    );
  });

  it('is refused when cut short at any byte or followed by one', async () => {
    const sealer = new Sealer(cpu());
    const blob = await sealer.seal(data);
    for (let length = 0; length < blob.length; length += 1) {
      expect(await codeOf(() => sealer.unseal(blob.subarray(0, length)))).toBe('ERR_SEAL_FORMAT');
    }
    expect(await codeOf(() => sealer.unseal(Buffer.concat([blob, Uint8Array.of(0)])))).toBe('ERR_SEAL_FORMAT');
  });

  it('is refused with a header that claims a wider policy', async () => {
    const sealer = new Sealer(cpu());
    const { header, body } = parseEnvelope(await sealer.seal(data));
    const widened = encodeEnvelope(encodeHeader({ ...header, policy: 'signer' }), body);
    expect(await codeOf(() => sealer.unseal(widened))).toBe('ERR_SEAL_KEY_MISMATCH');
  });

  it('is not sealed beyond the size that fits into memory', async () => {
    const error = await codeOf(() => new Sealer(cpu()).seal(new Uint8Array(maxSealBytes + 1)));
    expect(error).toBe('ERR_SEAL_TOO_LARGE');
  });
});

describe('the envelope parser', () => {
  it('answers any bytes with a header or ERR_SEAL_FORMAT', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, prefixed) => {
        try {
          parseEnvelope(prefixed ? Buffer.concat([Uint8Array.of(0xd0), bytes]) : bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_SEAL_FORMAT' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses an unprotected header, an unknown label and another version', async () => {
    const blob = await new Sealer(cpu()).seal(data);
    const { protectedBytes, body } = parseEnvelope(blob);
    const tagged = (value: Parameters<typeof encodeCanonical>[0]) =>
      Buffer.concat([Uint8Array.of(0xd0), encodeCanonical(value)]);
    expect(await codeOf(() => parseEnvelope(tagged([protectedBytes, new Map([[1, 3]]), body])))).toBe(
      'ERR_SEAL_FORMAT',
    );
    expect(await codeOf(() => parseEnvelope(tagged([encodeCanonical(new Map([[99, 1]])), new Map(), body])))).toBe(
      'ERR_SEAL_FORMAT',
    );
    const version = encodeCanonical(new Map([[-70001, 'tee-seal/2']]));
    expect(await codeOf(() => parseEnvelope(tagged([version, new Map(), body])))).toBe('ERR_SEAL_FORMAT');
  });
});
