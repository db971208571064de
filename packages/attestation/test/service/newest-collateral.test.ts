import type { JsonValue } from '@neo-service-layer/tee-interface';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newestCollateral } from '../../src/service/newest-collateral.ts';
import { PlatformFinder } from '../../src/service/platform-finder.ts';
import { type VettedCollateral, vetCollateral } from '../../src/service/vetted-collateral.ts';
import { SignatureChecker } from '../../src/verify/signature-checker.ts';
import { loadTrustAnchors } from '../../src/verify/trust-anchor.ts';
import { testEvidence, testNow } from '../helpers/test-pki.ts';
import { served } from './support/clients.ts';

const day = 86_400;
const { quote, trustAnchors } = testEvidence();
const finder = new PlatformFinder(loadTrustAnchors(trustAnchors), new SignatureChecker());
const platform = await finder.find(quote, undefined);

/** Collateral of which each part is so many days old and of so many a recovery. */
function edition([tcbInfo, qeIdentity, pckCrl, rootCrl]: number[], [number = 0, otherNumber = 0]: number[]) {
  const at = (days = 0) => testNow - days * day;
  const issued = (days: number | undefined, of: number) => (document: { [key: string]: JsonValue }) => ({
    ...document,
    issueDate: new Date(at(days) * 1000).toISOString().replace('.000Z', 'Z'),
    tcbEvaluationDataNumber: of,
  });
  const evidence = testEvidence({
    tcbInfo: issued(tcbInfo, number),
    qeIdentity: issued(qeIdentity, otherNumber),
    pckCrl: { thisUpdate: at(pckCrl) },
    rootCrl: { thisUpdate: at(rootCrl) },
  });
  return vetCollateral(served(evidence), platform, trustAnchors);
}

function ages({ tcbInfo, qeIdentity, pckCrl, rootCaCrl }: VettedCollateral): number[] {
  const ofRecovery = (document: { tcbEvaluationDataNumber: number; issueDate: number }) =>
    document.tcbEvaluationDataNumber * 1e12 + document.issueDate;
  return [ofRecovery(tcbInfo), ofRecovery(qeIdentity), pckCrl.thisUpdate, rootCaCrl.thisUpdate];
}

describe('the newest of many answers', () => {
  it('is the newest of each part, in whatever order they come', async () => {
    const days = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 });
    const numbers = fc.array(fc.integer({ min: 17, max: 20 }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(days, numbers), { minLength: 2, maxLength: 5 }), async (editions) => {
        const sets = await Promise.all(editions.map(([ages, of]) => edition(ages, of)));
        let [kept, ...rest] = sets;
        for (const fetched of rest) {
          if (!kept) break;
          const { collateral, older } = newestCollateral(kept, fetched);
          const before = ages(kept);
          kept = await vetCollateral(collateral, platform, trustAnchors);
          expect(ages(kept).every((age, part) => age >= (before[part] ?? 0))).toBe(true);
          expect(older.length > 0).toBe(ages(fetched).some((age, part) => age < (before[part] ?? 0)));
        }
        const newest = [0, 1, 2, 3].map((part) => Math.max(...sets.map((set) => ages(set)[part] ?? 0)));
        expect(kept && ages(kept)).toEqual(newest);
      }),
      { numRuns: 12 },
    );
  });
});
