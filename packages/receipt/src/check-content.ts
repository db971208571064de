import { bytesToHex, type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import { type CommittedPart, commitment, committedNames } from './commitments.ts';
import { type FunctionIdentity, functionHash } from './function-hash.ts';
import type { ExecutionReceipt } from './receipt.ts';

/** A part in clear with the salt of its commitment. */
export interface Revealed<Content> {
  content: Content;
  /** 32 bytes, from `ReceiptSalts`. */
  salt: Uint8Array;
}

/** What a receipt is said to be for. Only what is given is checked. */
export interface ReceiptContent {
  function?: FunctionIdentity | undefined;
  input?: Revealed<JsonValue> | undefined;
  output?: Revealed<JsonValue> | undefined;
  secretNames?: Revealed<readonly string[]> | undefined;
}

/** A check of content that is still to be made. */
export interface ContentCheck {
  name: string;
  detail: string;
  /** Rejects with ERR_RECEIPT_CONTENT. */
  holds: () => Promise<void>;
}

/** The checks that compare a receipt with content. */
export function checkContent(receipt: ExecutionReceipt, content: ReceiptContent): ContentCheck[] {
  const checks: ContentCheck[] = [];
  const { function: source, input, output, secretNames } = content;
  if (source) checks.push(compare('function', receipt.functionHash, () => functionHash(source)));
  if (input) checks.push(compare('input', receipt.input, () => commit('input', input)));
  if (output) checks.push(compare('output', receipt.output, () => commit('output', output)));
  if (secretNames) {
    const names = { salt: secretNames.salt, content: committedNames(secretNames.content) };
    checks.push(compare('secretNames', receipt.secretNames, () => commit('secretNames', names)));
  }
  return checks;
}

function commit(part: CommittedPart, { salt, content }: Revealed<JsonValue>): Promise<Uint8Array> {
  return commitment(part, salt, content);
}

function compare(part: string, stated: Uint8Array | null, compute: () => Promise<Uint8Array>): ContentCheck {
  return {
    name: `receipt.${part}`,
    detail: `It is for this ${part}.`,
    holds: async () => {
      const given = bytesToHex(await compute());
      if (stated !== null && bytesToHex(stated) === given) return;
      throw new TeeError('ERR_RECEIPT_CONTENT', `The receipt is for another ${part}.`, {
        expected: stated === null ? 'none: the execution failed' : bytesToHex(stated),
        actual: given,
      });
    },
  };
}
