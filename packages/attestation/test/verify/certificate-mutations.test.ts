import { describe, expect, it } from 'vitest';
import { unwrapCertificates } from '../../src/collateral/containers.ts';
import { prepareCollateral, verifyQuote } from '../../src/index.ts';
import { pem } from '../helpers/test-pki.ts';
import { collateralOf, flipBit, readCase, vectorsFolder } from '../helpers/vectors.ts';

/** The same SGX quote of version 3 with another PCK chain in it. */
function withChain(quote: Uint8Array, chain: Uint8Array): Uint8Array {
  const start = String.fromCharCode(...quote).indexOf('-----BEGIN');
  const changed = new Uint8Array(start + chain.length);
  changed.set(quote.subarray(0, start));
  changed.set(chain, start);
  const view = new DataView(changed.buffer);
  view.setUint32(start - 4, chain.length, true);
  view.setUint32(432, changed.length - 436, true);
  return changed;
}

/** The bytes with each of their bits flipped, or with `step` 9 one bit of each byte, another one each time. */
function* mutations(bytes: Uint8Array, step: 1 | 9): Generator<[number, Uint8Array]> {
  for (let bit = 0; bit < bytes.length * 8; bit += step) yield [bit, flipBit(bytes, bit >> 3, bit & 7)];
}

describe.skipIf(!vectorsFolder)('one flipped bit of a real certificate or list is never accepted', () => {
  const load = () => {
    const vector = readCase('phala/sgx_cfg_swh');
    const text = new TextDecoder().decode(vector.quote);
    const certificates = unwrapCertificates(new TextEncoder().encode(text.slice(text.indexOf('-----BEGIN'))));
    return { ...vector, now: vector.validAt ?? 0, certificates, collateral: collateralOf(vector) };
  };

  it.each([
    ['PCK certificate', 0],
    ['PCK CA', 1],
  ])('of the %s', { timeout: 120_000 }, async (_, index) => {
    const { quote, collateral, now, certificates } = load();
    const prepared = await prepareCollateral(collateral);
    expect((await verifyQuote(withChain(quote, pem(...certificates)), prepared, { now })).ok).toBe(true);
    for (const [bit, changed] of mutations(certificates[index] ?? new Uint8Array(), 1)) {
      const chain = pem(...certificates.with(index, changed));
      const { ok, claims } = await verifyQuote(withChain(quote, chain), prepared, { now });
      if (ok || claims !== null) expect.fail(`bit ${bit} was ignored`);
    }
  });

  it('of the TCB signing certificate', { timeout: 120_000 }, async () => {
    const { quote, collateral, now } = load();
    const [signer = new Uint8Array(), root = new Uint8Array()] = unwrapCertificates(collateral.tcbInfoIssuerChain);
    for (const [bit, changed] of mutations(signer, 9)) {
      const tcbInfoIssuerChain = pem(changed, root);
      const { ok } = await verifyQuote(quote, { ...collateral, tcbInfoIssuerChain }, { now });
      if (ok) expect.fail(`bit ${bit} was ignored`);
    }
  });

  it.each(['pckCrl', 'rootCaCrl'] as const)('of %s', { timeout: 120_000 }, async (part) => {
    const { quote, collateral, now } = load();
    for (const [bit, changed] of mutations(collateral[part] ?? new Uint8Array(), 9)) {
      const { ok } = await verifyQuote(quote, { ...collateral, [part]: changed }, { now });
      if (ok) expect.fail(`bit ${bit} was ignored`);
    }
  });
});
