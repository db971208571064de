import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { ethereumCosigner, requireCosignature, toAddress } from '../src/ethereum.ts';
import { parseReceipt, signReceipt } from '../src/index.ts';
import { identity, receipt } from './support.ts';

// The first account of the mnemonic "test test … junk", which every Ethereum developer knows by its address.
const secretKey = Buffer.from('ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', 'hex');
const cosigner = ethereumCosigner(secretKey);

describe('a co-signature', () => {
  it('is by the address that Ethereum gives the key', () => {
    expect(toAddress(cosigner.address)).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266');
  });

  it('is found to be by the key that the receipt names', async () => {
    const signed = parseReceipt(await signReceipt(receipt, identity, cosigner));
    expect(signed.receipt.cosigner).toEqual(cosigner.address);
    expect(toAddress(requireCosignature(signed))).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266');
  });

  it('has v 27 or 28 and the lower s, as contracts demand', async () => {
    const { cosignature } = parseReceipt(await signReceipt(receipt, identity, cosigner));
    expect([27, 28]).toContain(cosignature?.[64]);
    expect((cosignature?.[32] ?? 255) < 0x80).toBe(true);
  });

  it('that is missing, changed or by another key is refused', async () => {
    const plain = parseReceipt(await signReceipt(receipt, identity));
    const signed = parseReceipt(await signReceipt(receipt, identity, cosigner));
    const other = ethereumCosigner(new Uint8Array(32).fill(9));
    for (const wrong of [
      plain,
      { ...signed, cosignature: null },
      { ...signed, cosignature: other.sign(signed.body) },
      { ...signed, cosignature: new Uint8Array(65) },
      { ...signed, body: signed.body.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) },
    ]) {
      expect((await thrownBy(() => requireCosignature(wrong))).code).toBe('ERR_RECEIPT_COSIGNATURE');
    }
  });

  it('with the other half of s is refused: one receipt has one form', async () => {
    const signed = parseReceipt(await signReceipt(receipt, identity, cosigner));
    const cosignature = Uint8Array.from(signed.cosignature ?? []);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = BigInt(`0x${Buffer.from(cosignature.subarray(32, 64)).toString('hex')}`);
    cosignature.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), 32);
    cosignature[64] = 55 - (cosignature[64] ?? 0);
    expect((await thrownBy(() => requireCosignature({ ...signed, cosignature }))).code).toBe('ERR_RECEIPT_COSIGNATURE');
  });
});
