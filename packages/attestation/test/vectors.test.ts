import { describe, expect, it } from 'vitest';
import { appraise, parseQuote, verifyQuote } from '../src/index.ts';
import { collateralOf, readAllCases, vectorsFolder } from './helpers/vectors.ts';

const oldestDate = 'tcbDate is the oldest of platform, quoting enclave and module';

/** Where our verdict is not the one of Intel's library, by decision: the rule, and what we say instead. */
const decisions: Record<string, { rule: string; tcbDate?: string }> = {
  'near-mpc/tdx_2026-08-14': { rule: oldestDate, tcbDate: '2025-05-14T00:00:00Z' },
  'openenclave/tdx_v5_relaunch_advised': { rule: oldestDate, tcbDate: '2024-03-13T00:00:00Z' },
};

/** Intel's error classes in the vectors, and the code that is ours. */
const errorCodes: Record<string, string> = {
  tcbLevel: 'ERR_TCB_LEVEL_NOT_FOUND',
  'qe.mrsigner': 'ERR_QE_IDENTITY_MISMATCH',
};

const anyEnclave = { anyEnclave: true, allowDebug: true } as const;

describe.skipIf(!vectorsFolder)('real quotes of the shared vectors', () => {
  const cases = readAllCases();

  it('are all there', () => {
    expect(cases.length).toBeGreaterThanOrEqual(31);
  });

  for (const vector of cases) {
    it(`reads every field of ${vector.id}`, () => {
      const quote = parseQuote(vector.quote);
      expect(quote.header.version).toBe(vector.quoteVersion);
      expect(quote.tee).toBe(vector.tee.toLowerCase());
      expect(quote.trailingBytes).toBe(vector.trailingBytes);
      expect(quote.bytes.length).toBe(vector.quote.length - vector.trailingBytes);
    });
  }

  for (const vector of cases.filter(({ expectedIntelQvl }) => expectedIntelQvl !== null)) {
    const { id, expectedIntelQvl: expected, validAt: now } = vector;
    if (!expected || now === null) continue;
    const decision = decisions[id];
    const rule = decision ? ` (but ${decision.rule})` : '';
    it(`judges ${id} as Intel does: ${expected.status ?? expected.error}${rule}`, async () => {
      const collateral = collateralOf(vector);
      const { trustAnchors, hasBothCrls } = vector;
      const revocation = hasBothCrls ? 'required' : 'skip';
      const verification = await verifyQuote(vector.quote, collateral, { now, trustAnchors, revocation });
      const verdict = appraise(verification, anyEnclave);
      expect(verdict.mode).toBe(trustAnchors ? 'custom-root' : 'hardware');
      if (expected.error) {
        expect(verdict).toMatchObject({ ok: false, status: null, error: { code: errorCodes[expected.error] } });
        return;
      }
      const { status = '', advisoryIDs = [], tcbLevelDate = '' } = expected;
      expect(verdict.status).toBe(status);
      expect(verdict.statusBy).toEqual({
        platform: expected.platform,
        qe: expected.qe,
        module: expected.tdxModule?.split(':')[1] ?? null,
      });
      expect(verdict.advisoryIds).toEqual(advisoryIDs);
      expect(verdict.tcbDate).toBe(decision?.tcbDate ?? tcbLevelDate);
      expect(verdict.ok).toBe(['UpToDate', 'SWHardeningNeeded'].includes(status));
      expect(verdict.claims).not.toBeNull();
      if (!verdict.ok) expect(verdict.error?.code).toBe('ERR_TCB_STATUS');
    });

    if (vector.hasBothCrls) continue;
    it(`refuses ${id} without revocation lists unless the caller skips them`, async () => {
      const verification = await verifyQuote(vector.quote, collateralOf(vector), { now });
      expect(verification.ok).toBe(false);
      expect(verification.checks.filter(({ ok }) => !ok).map(({ code }) => code)).toContain('ERR_CRL_MISSING');
    });
  }
});
