import { invoke } from '@neo-service-layer/functions';
import { type ReceiptOptions, verifyReceipt } from '@neo-service-layer/receipt';
import type { TeeClient } from '@neo-service-layer/tee-client';
import { type AppraisalPolicy, hexToBytes, type IssuedReceipt } from '@neo-service-layer/tee-interface';
import { asScript } from '../connect.ts';
import priceOracle from './price-oracle.ts';

/** A price, and what proves to others where it comes from. */
export interface ProvedPrice {
  price: { asset: string; price: number; used: string[]; left: string[] };
  receipt: IssuedReceipt;
  evidence: Uint8Array;
}

/** Asks the oracle of this owner: the very function that has this hash, or nothing. */
export async function askPrice(
  tee: TeeClient,
  oracle: { owner: string; functionHash: string },
  asset: string,
): Promise<ProvedPrice> {
  const call = { functionId: 'price-oracle', ...oracle, input: { asset }, receipt: true };
  const { result, receipt } = await invoke(tee, priceOracle, call);
  if (receipt === undefined) throw new Error('the enclave gave no receipt');
  return { price: result, receipt, evidence: tee.evidenceDocument };
}

/** What somebody does who gets the price from somebody else: says what is wrong with it, or null. */
export async function checkPrice(
  { price, receipt, evidence }: ProvedPrice,
  functionHash: string,
  policy: AppraisalPolicy,
  options: ReceiptOptions,
): Promise<string | null> {
  const content = { output: { content: { ...price }, salt: receipt.salts.output } };
  const verdict = await verifyReceipt(receipt.document, evidence, policy, { ...options, content });
  const failed = verdict.checks.find(({ ok }) => !ok);
  if (verdict.receipt === null || failed !== undefined) return failed?.name ?? 'receipt';
  const wanted = hexToBytes(functionHash);
  const same = wanted.length === 32 && verdict.receipt.functionHash.every((byte, index) => byte === wanted[index]);
  return same ? null : 'another function';
}

await asScript(
  import.meta.url,
  async ({ tee, policy, trustAnchors, words: [owner = '', functionHash = '', asset = ''] }) => {
    const proved = await askPrice(tee, { owner, functionHash }, asset);
    const roots = trustAnchors === undefined ? {} : { trustAnchors };
    const wrong = await checkPrice(proved, functionHash, policy, { now: Date.now() / 1000, ...roots });
    return { ...proved.price, wrong };
  },
);
