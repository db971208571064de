import { verify } from 'node:crypto';
import { verifyIdentitySignature } from '@neo-service-layer/tee-channel';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReceipt, signReceipt } from '../src/index.ts';
import { encodeReceipt } from '../src/receipt-codec.ts';
import { receiptSigningInput } from '../src/sign-receipt.ts';
import { identity, identityKey, receipt } from './support.ts';

describe('a receipt', () => {
  it('is read as it was made', async () => {
    const signed = parseReceipt(await signReceipt(receipt, identity));
    expect(signed.receipt).toEqual({ ...receipt, cosigner: null });
    expect(signed.cosignature).toBeNull();
    expect(await verifyIdentitySignature(identityKey, receiptSigningInput(signed.body), signed.signature)).toBe(true);
  });

  it('of a failure has no output', async () => {
    const failed = { ...receipt, output: null, outcome: 'ERR_JS_GAS' };
    expect(parseReceipt(await signReceipt(failed, identity)).receipt).toMatchObject({
      output: null,
      outcome: 'ERR_JS_GAS',
    });
  });

  it('has a stable binary form', async () => {
    const document = await signReceipt(receipt, identity);
    expect(Buffer.from(document).toString('hex')).toMatchInlineSnapshot(
      `"846d7465652d726563656970742f3159014191727465652d726563656970742f3120626f64795820010101010101010101010101010101010101010101010101010101010101010158200808080808080808080808080808080808080808080808080808080808080808582002020202020202020202020202020202020202020202020202020202020202025820030303030303030303030303030303030303030303030303030303030303030358200404040404040404040404040404040404040404040404040404040404040404626f6b831913881a040000001a3b9aca0019d7466c70726963652d6f7261636c6565616c69636558200707070707070707070707070707070707070707070707070707070707070707011a69248100500505050505050505050505050505050558200606060606060606060606060606060606060606060606060606060606060606f6584000a273435581345d064a1d403cfebbf0ed996df3ee6d691f67f4f6a4eae1d7f7f9026fc234c166f108d4586a8426f7aac3b9b95c8b29fed7961e2a81c07b1709f6"`,
    );
  });

  it('of the time before contracts is refused, and told why', async () => {
    const signed = parseReceipt(await signReceipt(receipt, identity));
    const [label, functionHash, _contract, ...rest] = decodeCanonical(signed.body) as CborValue[];
    const body = encodeCanonical([label ?? null, functionHash ?? null, ...rest]);
    expect(await thrownBy(() => parseReceipt(encodeReceipt({ ...signed, body })))).toMatchObject({
      code: 'ERR_RECEIPT_FORMAT',
      actual: '16 members',
    });
  });

  it('is not signed by what else the same key signs', async () => {
    const { body, signature } = parseReceipt(await signReceipt(receipt, identity));
    expect(await verifyIdentitySignature(identityKey, body, signature)).toBe(false);
  });

  it('with any byte changed is refused or no longer signed', async () => {
    const document = await signReceipt(receipt, identity);
    for (let at = 0; at < document.length; at += 1) {
      const changed = Uint8Array.from(document);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const stillSigned = await Promise.resolve()
        .then(() => parseReceipt(changed))
        .then(({ body, signature }) => verifyIdentitySignature(identityKey, receiptSigningInput(body), signature))
        .catch((error: { code: string }) => error.code);
      expect([false, 'ERR_RECEIPT_FORMAT'], `byte ${at}`).toContain(stillSigned);
    }
  });

  it('of other bytes is refused with one code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await thrownBy(() => parseReceipt(bytes))).code).toBe('ERR_RECEIPT_FORMAT');
      }),
    );
  });

  it('with one field of another kind is refused', async () => {
    const parts = decodeCanonical(await signReceipt(receipt, identity));
    if (!Array.isArray(parts) || !(parts[1] instanceof Uint8Array)) throw new Error('not a receipt');
    const body = decodeCanonical(parts[1]);
    if (!Array.isArray(body)) throw new Error('not a body');
    for (let at = 0; at < body.length; at += 1) {
      for (const wrong of [-1, 1.5, true, new Uint8Array(31), [], 'x'.repeat(1025)]) {
        const changed = encodeCanonical(body.map((value, index) => (index === at ? wrong : value)));
        const document = encodeCanonical([parts[0] ?? null, changed, ...parts.slice(2)]);
        expect((await thrownBy(() => parseReceipt(document))).code).toBe('ERR_RECEIPT_FORMAT');
      }
    }
  });
});

it('is checked by plain Ed25519 of another library', async () => {
  const { body, signature } = parseReceipt(await signReceipt(receipt, identity));
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), identityKey]);
  // Written out: a label and the body in canonical CBOR.
  const label = Buffer.from('tee-receipt/1 signature');
  const head = Buffer.from(body.length < 256 ? [0x58, body.length] : [0x59, body.length >> 8, body.length & 255]);
  const signed = Buffer.concat([Buffer.from([0x82, 0x60 + label.length]), label, head, body]);
  expect(verify(null, signed, { key: spki, format: 'der', type: 'spki' }, signature)).toBe(true);
});
