import { describe, expect, it } from 'vitest';
import { compareCollateral } from '../../src/index.ts';
import { testEvidence, testNow } from '../helpers/test-pki.ts';

describe('two sets of collateral', () => {
  it('show what an early one will cost a platform that is up to date today', async () => {
    const { quote, collateral, trustAnchors } = testEvidence();
    const early = testEvidence({
      tcbInfo: (info) => ({ ...info, tcbEvaluationDataNumber: 21 }),
      tcbInfoText: (text) => text.replace('"pcesvn":13', '"pcesvn":14'),
    });
    const options = { now: testNow, trustAnchors };
    const comparison = await compareCollateral(quote, { before: collateral, after: early.collateral }, options);
    expect(comparison).toMatchObject({
      changes: true,
      status: { before: 'UpToDate', after: 'OutOfDate' },
      newAdvisoryIds: ['INTEL-SA-PLATFORM'],
      newShortfall: [{ by: 'platform', component: 'PCESVN', found: 13, needed: 14 }],
    });
    expect(comparison.after.evaluationDataNumbers.tcbInfo).toBe(21);
  });

  it('show no change between a set and itself', async () => {
    const { quote, collateral, trustAnchors } = testEvidence({ platform: { pceSvn: 12 } });
    const options = { now: testNow, trustAnchors };
    const comparison = await compareCollateral(quote, { before: collateral, after: collateral }, options);
    expect(comparison).toMatchObject({ changes: false, newAdvisoryIds: [], newShortfall: [] });
  });

  it('are both verified: forged ones change everything', async () => {
    const { quote, collateral, trustAnchors } = testEvidence();
    const after = { ...collateral, tcbInfo: new TextEncoder().encode('{}') };
    const comparison = await compareCollateral(quote, { before: collateral, after }, { now: testNow, trustAnchors });
    expect(comparison).toMatchObject({ changes: true, status: { before: 'UpToDate', after: null } });
  });
});
