import { thrownBy } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';
import { emptyState, nextEpoch } from '../../src/store/store-state.ts';

it('counts commits up to the last one that the format can hold, and says so then', async () => {
  expect(nextEpoch(emptyState)).toBe(1);
  expect(nextEpoch({ ...emptyState, epoch: 0xffff_fffe })).toBe(0xffff_ffff);
  expect((await thrownBy(() => nextEpoch({ ...emptyState, epoch: 0xffff_ffff }))).code).toBe('ERR_SEAL_TOO_LARGE');
});
