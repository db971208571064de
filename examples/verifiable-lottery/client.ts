import { createHash } from 'node:crypto';
import { invoke } from '@neo-service-layer/functions';
import { type ReceiptOptions, verifyReceipt } from '@neo-service-layer/receipt';
import type { TeeClient } from '@neo-service-layer/tee-client';
import { type AppraisalPolicy, bytesToHex, type IssuedReceipt } from '@neo-service-layer/tee-interface';
import { asScript } from '../connect.ts';
import lottery from './verifiable-lottery.ts';
import { winnersOf } from './winners.ts';

/** What is published of a draw. */
export interface PublishedDraw {
  round: string;
  commitment: string;
  draw: { seed: string; tickets: string[]; winners: string[] };
  receipt: IssuedReceipt;
  evidence: Uint8Array;
}

const sha256 = async (text: string) => createHash('sha256').update(text).digest('hex');

/** Opens a round: publish what it gives before a ticket is sold. */
export async function open(tee: TeeClient, round: string): Promise<string> {
  const call = { functionId: 'verifiable-lottery', input: { step: 'open' as const, round } };
  return (await invoke(tee, lottery, call)).result.commitment;
}

/** Draws a round that was opened. */
export async function draw(tee: TeeClient, round: string, tickets: string[], count: number): Promise<PublishedDraw> {
  const input = { step: 'draw' as const, round, tickets, count };
  const { result, receipt } = await invoke(tee, lottery, { functionId: 'verifiable-lottery', input, receipt: true });
  if (result.draw === null || receipt === undefined) throw new Error('the enclave gave no draw with a receipt');
  return { round, commitment: result.commitment, draw: result.draw, receipt, evidence: tee.evidenceDocument };
}

/** What a player knows beforehand. */
export interface Announcement {
  /** Published before tickets were sold. */
  commitment: string;
  /** Published before the draw. */
  tickets: string[];
  count: number;
  /** Of the function, bundled from its sources. */
  functionHash: string;
}

/** What a player does: says what is wrong with a draw, or null. */
export async function checkDraw(
  { round, commitment, draw: found, receipt, evidence }: PublishedDraw,
  announced: Announcement,
  policy: AppraisalPolicy,
  options: ReceiptOptions,
): Promise<string | null> {
  if ((await sha256(found.seed)) !== announced.commitment) return 'another seed than was announced';
  if (JSON.stringify(found.tickets) !== JSON.stringify(announced.tickets)) return 'other tickets than were announced';
  const winners = await winnersOf(found.seed, found.tickets, announced.count, sha256);
  if (JSON.stringify(winners) !== JSON.stringify(found.winners)) return 'other winners than follow';
  const output = { content: { round, commitment, draw: found }, salt: receipt.salts.output };
  const verdict = await verifyReceipt(receipt.document, evidence, policy, { ...options, content: { output } });
  if (!verdict.ok || verdict.receipt === null) return verdict.checks.find(({ ok }) => !ok)?.name ?? 'receipt';
  return bytesToHex(verdict.receipt.functionHash) === announced.functionHash ? null : 'another function';
}

await asScript(import.meta.url, ({ tee, words: [step, round = '', count = '1', ...tickets] }) =>
  step === 'open' ? open(tee, round) : draw(tee, round, tickets, Number(count)),
);
