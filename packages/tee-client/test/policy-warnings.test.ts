import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';
import { expect, it } from 'vitest';
import { policyWarnings } from '../src/index.ts';

const pinned = { mrEnclave: ['00'.repeat(32)], ppidAllowed: ['11'.repeat(16)] };

it('a policy that pins code and machines leaves nothing open', () => {
  expect(policyWarnings(pinned)).toEqual([]);
  const bySigner = { mrSigner: ['22'.repeat(32)], isvProdId: 1, minIsvSvn: 3, ppidAllowed: pinned.ppidAllowed };
  expect(policyWarnings(bySigner)).toEqual([]);
});

const open: [string, AppraisalPolicy][] = [
  ['ppidAllowed', { mrEnclave: pinned.mrEnclave }],
  ['every version', { mrSigner: ['22'.repeat(32)], ppidAllowed: pinned.ppidAllowed }],
  ['DEBUG', { ...pinned, allowDebug: true }],
  ['simulated', { ...pinned, allowSimulation: true }],
];

it.each(open)('what it leaves open is said once (%s)', (word, policy) => {
  expect(policyWarnings(policy)).toEqual([expect.stringContaining(word)]);
});
