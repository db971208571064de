import { describe, expect, it } from 'vitest';
import { prepareCollateral, verifyQuote } from '../../src/index.ts';
import { SignatureChecker } from '../../src/verify/signature-checker.ts';
import { rawSignature, testKey } from '../helpers/test-keys.ts';
import { type Faults, testEvidence, testKeys, testNow } from '../helpers/test-pki.ts';
import { flipBit } from '../helpers/vectors.ts';

const day = 86_400;

async function prepare(faults: Faults = {}) {
  const evidence = testEvidence(faults);
  const prepared = await prepareCollateral(evidence.collateral, { trustAnchors: evidence.trustAnchors });
  return { ...evidence, prepared };
}

describe('prepared collateral', () => {
  it('gives the same verification as collateral that is not prepared, first and later', async () => {
    for (const faults of [
      {},
      { pckCrl: { revoked: [3] } },
      { platform: { pceSvn: 4 } },
      { pckCrl: { issuerKey: testKeys.stranger } },
    ]) {
      const { quote, collateral, trustAnchors, prepared } = await prepare(faults);
      const cold = await verifyQuote(quote, collateral, { now: testNow, trustAnchors });
      expect(await verifyQuote(quote, prepared, { now: testNow })).toEqual(cold);
      expect(await verifyQuote(quote, prepared, { now: testNow })).toEqual(cold);
    }
  });

  it('is judged by the time of each verification', async () => {
    const { quote, prepared } = await prepare();
    expect(prepared.validUntil).toBe(testNow + 20 * day);
    for (const [now, ok] of [
      [testNow, true],
      [testNow + 21 * day, false],
      [testNow, true],
      [testNow - 2 * day, false],
    ] as const) {
      expect((await verifyQuote(quote, prepared, { now })).ok).toBe(ok);
    }
  });

  it('needs one signature, and no import of a key, for a platform it has seen', async () => {
    const { quote, prepared } = await prepare();
    const { signatures } = prepared.parts;
    await verifyQuote(quote, prepared, { now: testNow });
    const { verifications, imports } = signatures;
    await verifyQuote(quote, prepared, { now: testNow });
    expect(signatures).toMatchObject({ verifications: verifications + 1, imports });
    expect((await verifyQuote(flipBit(quote, 48 + 64), prepared, { now: testNow })).ok).toBe(false);
    expect(signatures).toMatchObject({ verifications: verifications + 2, imports });
  });

  it('remembers no chain that failed', async () => {
    const { prepared, collateral } = await prepare();
    const revoked = testEvidence({ pck: { serial: 9 } });
    const list = testEvidence({ pckCrl: { revoked: [9] } }).collateral.pckCrl;
    const strict = await prepareCollateral({ ...collateral, pckCrl: list }, { trustAnchors: revoked.trustAnchors });
    for (let i = 0; i < 2; i += 1) expect((await verifyQuote(revoked.quote, strict, { now: testNow })).ok).toBe(false);
    expect(strict.parts.pckPaths.size).toBe(0);
    expect(prepared.parts.pckPaths.size).toBe(0);
  });

  it('does not take a chain it has seen for another key’s report', async () => {
    const { quote, prepared } = await prepare();
    expect((await verifyQuote(quote, prepared, { now: testNow })).ok).toBe(true);
    const text = new TextDecoder().decode(quote);
    const certificationData = new TextEncoder().encode(text.slice(text.indexOf('-----BEGIN')));
    const forged = testEvidence({ quote: { certificationData, pckKey: testKeys.stranger } });
    const verification = await verifyQuote(forged.quote, prepared, { now: testNow });
    expect(verification).toMatchObject({ ok: false, claims: null });
    expect(verification.checks.find(({ ok }) => !ok)?.code).toBe('ERR_QE_REPORT_SIGNATURE');
  });

  it('keeps its own copy: changing the parts later changes nothing', async () => {
    const { quote, collateral, prepared } = await prepare();
    for (const part of Object.values(collateral)) if (part instanceof Uint8Array) part.fill(0);
    expect((await verifyQuote(quote, prepared, { now: testNow })).ok).toBe(true);
  });
});

describe('the memory of signatures', () => {
  it('holds a bounded number of them, and no failures', async () => {
    const checker = new SignatureChecker();
    const key = testKey();
    const data = Uint8Array.of(1);
    const signature = rawSignature(key, data);
    expect(await checker.verify(key.point, signature, data)).toBe(true);
    expect(await checker.verify(key.point, signature, data)).toBe(true);
    expect(checker.verifications).toBe(1);
    for (let i = 0; i < 600; i += 1)
      expect(await checker.verify(key.point, flipBit(signature, i % 64), data)).toBe(false);
    expect(await checker.verify(key.point, signature, data)).toBe(true);
    expect(checker.verifications).toBe(601);
    for (let i = 0; i < 600; i += 1) {
      const other = Uint8Array.of(2, i >> 8, i & 255);
      expect(await checker.verify(key.point, rawSignature(key, other), other)).toBe(true);
    }
    expect(await checker.verify(key.point, signature, data)).toBe(true);
    expect(checker.verifications).toBe(1202);
  });
});
