import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePrefix } from '../src/format/envelope.ts';
import { encodeBareHeader, withCommitment } from '../src/format/header-codec.ts';
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
      new Set([
        'ERR_SEAL_FORMAT',
        'ERR_SEAL_KEY_MISMATCH',
        'ERR_SEAL_SVN_TOO_NEW',
        'ERR_SEAL_TAMPERED',
        'ERR_SEAL_TRUNCATED',
      ]),
    );
  });

  it('is refused when cut short at any byte or followed by one', async () => {
    const sealer = new Sealer(cpu());
    const blob = await sealer.seal(data);
    expect(await codeOf(() => sealer.unseal(new Uint8Array()))).toBe('ERR_SEAL_FORMAT');
    for (let length = 1; length < blob.length; length += 1) {
      expect(await codeOf(() => sealer.unseal(blob.subarray(0, length)))).toBe('ERR_SEAL_TRUNCATED');
    }
    expect(await codeOf(() => sealer.unseal(Buffer.concat([blob, Uint8Array.of(0)])))).toBe('ERR_SEAL_FORMAT');
  });

  it('is refused with a header that claims a wider policy', async () => {
    const sealer = new Sealer(cpu());
    const { header, commitment, body } = parseEnvelope(await sealer.seal(data));
    if (header.recipient.kind !== 'device') throw new Error('sealed under another kind of key');
    const bare = encodeBareHeader({ ...header, recipient: { ...header.recipient, policy: 'signer' } });
    const widened = Buffer.concat([encodePrefix(withCommitment(bare, commitment), body.length), body]);
    expect(await codeOf(() => sealer.unseal(widened))).toBe('ERR_SEAL_KEY_MISMATCH');
  });

  it('is not sealed beyond the size that fits into memory', async () => {
    const error = await codeOf(() => new Sealer(cpu()).seal(new Uint8Array(maxSealBytes + 1)));
    expect(error).toBe('ERR_SEAL_TOO_LARGE');
  });
});
