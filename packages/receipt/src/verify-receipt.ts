import { checkEvidence } from '@neo-service-layer/attestation/evidence';
import { channelClaimsLabel, parseChannelClaims, verifyIdentitySignature } from '@neo-service-layer/tee-channel';
import {
  type AppraisalPolicy,
  bytesToHex,
  TeeError,
  type Verdict,
  type VerdictCheck,
} from '@neo-service-layer/tee-interface';
import { checkContent, type ReceiptContent } from './check-content.ts';
import type { ExecutionReceipt, SignedReceipt } from './receipt.ts';
import { parseReceipt } from './receipt-codec.ts';
import { receiptSigningInput } from './sign-receipt.ts';

/** How a receipt is judged, beside the policy for its enclave. */
export interface ReceiptOptions {
  /**
   * Unix seconds at which the evidence is judged. Collateral expires: keep evidence with the receipt, and judge old ones
   * at a time at which you know to have had them.
   */
  now: number;
  /** Root certificates (DER or PEM) to trust instead of Intel's. */
  trustAnchors?: readonly Uint8Array[] | undefined;
  /** Content that the receipt must be for; each part that is given is checked. */
  content?: ReceiptContent | undefined;
}

/** The verdict on a receipt. */
export interface ReceiptVerdict {
  ok: boolean;
  /** Every check that was made, in order; the enclave's own come first. */
  checks: VerdictCheck[];
  /** What the receipt says. Null unless `ok`. */
  receipt: ExecutionReceipt | null;
  /** The verdict on the evidence; null when the receipt could not even be read. */
  evidence: Verdict | null;
}

/**
 * Verifies offline that an enclave which the policy accepts made this receipt: the evidence holds and is for a channel
 * identity, that identity signed the receipt, and both are of the same start and configuration.
 *
 * What it does not say: that the function is a good one (compare `functionHash`), that the clock was right, that a
 * co-signature holds (see `./ethereum`), or that the result was used only once (compare `counter` and `bootId`).
 *
 * @param document the receipt's bytes
 * @param evidence the evidence document of the enclave, from any time since that start
 * @throws {TeeError} for misuse only: ERR_CLOCK, ERR_TRUST_ANCHOR, ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export async function verifyReceipt(
  document: Uint8Array,
  evidence: Uint8Array,
  policy: AppraisalPolicy,
  { now, trustAnchors, content = {} }: ReceiptOptions,
): Promise<ReceiptVerdict> {
  const anchors = trustAnchors === undefined ? {} : { trustAnchors };
  const { verdict, claims } = await checkEvidence(evidence, policy, { label: channelClaimsLabel, now, ...anchors });
  const checks = [...verdict.checks];
  const check = checkInto(checks);
  const signed = await check('receipt.format', 'It is a receipt.', async () => parseReceipt(document));
  if (signed === null || claims === null) return { ok: false, checks, receipt: null, evidence: verdict };
  const { receipt } = signed;
  const enclave = parseChannelClaims(claims);
  await check('receipt.signature', 'The identity key in the evidence signed it.', () =>
    requireSignature(signed, enclave.identityKey),
  );
  await check('receipt.boot', 'It is of the same start of the enclave.', async () =>
    requireSame('start', enclave.bootId, receipt.bootId),
  );
  await check('receipt.configuration', 'It is of the same configuration.', async () =>
    requireSame('configuration', enclave.configHash, receipt.configHash),
  );
  for (const { name, detail, holds } of checkContent(receipt, content)) await check(name, detail, holds);
  const ok = checks.every((made) => made.ok);
  return { ok, checks, receipt: ok ? receipt : null, evidence: verdict };
}

/** Makes one check and notes it. Only a TeeError is a check that failed. */
function checkInto(checks: VerdictCheck[]) {
  return async <T>(name: string, detail: string, body: () => Promise<T>): Promise<T | null> => {
    try {
      const value = await body();
      checks.push({ name, ok: true, code: null, detail });
      return value;
    } catch (error) {
      if (!(error instanceof TeeError)) throw error;
      const { code, message, expected, actual } = error;
      const known = {
        ...(expected === undefined ? {} : { expected }),
        ...(actual === undefined ? {} : { found: actual }),
      };
      checks.push({ name, ok: false, code, detail: message, ...known });
      return null;
    }
  };
}

async function requireSignature({ body, signature }: SignedReceipt, identityKey: Uint8Array): Promise<void> {
  if (await verifyIdentitySignature(identityKey, receiptSigningInput(body), signature)) return;
  throw new TeeError('ERR_RECEIPT_SIGNATURE', 'The receipt was not signed by the enclave of this evidence.', {
    expected: `a signature by ${bytesToHex(identityKey)}`,
    hint: 'Take the evidence that the enclave had when it ran: each start has a new identity key.',
  });
}

function requireSame(what: string, expected: Uint8Array, actual: Uint8Array): void {
  if (bytesToHex(expected) === bytesToHex(actual)) return;
  throw new TeeError('ERR_RECEIPT_BOOT', `The receipt is of another ${what} than the evidence.`, {
    expected: bytesToHex(expected),
    actual: bytesToHex(actual),
  });
}
