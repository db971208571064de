import { thrownBy } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';
import { signReceipt, verifyReceipt } from '../src/index.ts';
import { identity, receipt } from './support.ts';

// With evidence of a (simulated) enclave it is tested in apps/host/test/receipt.

it('says no where the evidence is none, without trusting the receipt', async () => {
  const document = await signReceipt(receipt, identity);
  const verdict = await verifyReceipt(document, new Uint8Array(8), { anyEnclave: true }, { now: 1_764_000_000 });
  expect(verdict.ok).toBe(false);
  expect(verdict.receipt).toBeNull();
  expect(verdict.checks.find(({ ok }) => !ok)?.name).toBe('evidence.format');
});

it('wants a policy', async () => {
  const document = await signReceipt(receipt, identity);
  const error = await thrownBy(() => verifyReceipt(document, new Uint8Array(8), {}, { now: 1_764_000_000 }));
  expect(error.code).toBe('ERR_POLICY_EMPTY');
});
