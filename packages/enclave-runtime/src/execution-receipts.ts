import { randomBytes } from 'node:crypto';
import {
  type Cosigner,
  commitment,
  committedNames,
  functionHash,
  type ReceiptSigner,
  receiptSalts,
  signReceipt,
} from '@neo-service-layer/receipt';
import {
  bytesToHex,
  type IssuedReceipt,
  isTeeError,
  type JavaScriptOutcome,
  TeeError,
} from '@neo-service-layer/tee-interface';
import { callLimits } from './call-limits.ts';
import type { NamedCall } from './execute-javascript.ts';
import type { SignedInUser } from './users/signed-in-user.ts';

/** What all receipts of one start of the enclave have in common. */
export interface ReceiptIssuer {
  identity: ReceiptSigner;
  bootId: Uint8Array;
  configHash: Uint8Array;
  /** Unix seconds. */
  now: () => number;
  cosigner?: Cosigner | null;
}

/** Issues receipts of executions, numbered from 1. Runs inside the enclave. */
export class ExecutionReceipts {
  readonly #issuer: ReceiptIssuer;
  #issued = 0;

  constructor(issuer: ReceiptIssuer) {
    this.#issuer = issuer;
  }

  /** Runs a call, and if it asks for a receipt, adds one to what comes of it, be that a result or a failure. */
  async around(
    call: NamedCall,
    user: SignedInUser | null,
    execute: () => Promise<JavaScriptOutcome>,
  ): Promise<JavaScriptOutcome> {
    if (call.receipt !== true) return execute();
    try {
      const outcome = await execute();
      return { ...outcome, receipt: await this.#issue(call, user, outcome) };
    } catch (error) {
      // A call that was refused has not run: there is nothing to certify.
      if (!isTeeError(error) || !error.code.startsWith('ERR_JS_') || error.details?.['gasUsed'] === undefined)
        throw error;
      throw withReceipt(error, await this.#issue(call, user, error));
    }
  }

  async #issue(
    call: NamedCall,
    user: SignedInUser | null,
    outcome: JavaScriptOutcome | TeeError,
  ): Promise<IssuedReceipt> {
    const { identity, bootId, configHash, now, cosigner = null } = this.#issuer;
    const failed = isTeeError(outcome);
    const salts = await receiptSalts(new Uint8Array(randomBytes(32)));
    const gasUsed = failed ? Number(outcome.details?.['gasUsed']) : outcome.gasUsed;
    const [hash, input, output, secretNames] = await Promise.all([
      functionHash(call),
      commitment('input', salts.input, call.input ?? null),
      failed ? null : commitment('output', salts.output, outcome.result),
      commitment('secretNames', salts.secretNames, committedNames(call.secrets ?? {})),
    ]);
    this.#issued += 1;
    const contract = call.contract === undefined ? null : new Uint8Array(Buffer.from(call.contract, 'hex'));
    const facts = { functionHash: hash, contract, input, output, secretNames, gasUsed, counter: this.#issued };
    const document = await signReceipt(
      {
        ...facts,
        outcome: failed ? outcome.code : 'ok',
        limits: callLimits(call),
        functionId: call.functionId,
        userId: call.userId,
        userKey: user && new Uint8Array(Buffer.from(user.publicKey, 'hex')),
        time: Math.floor(now()),
        bootId,
        configHash,
      },
      identity,
      cosigner,
    );
    return { document, salts };
  }
}

/** The error with the receipt in its details, where bytes are hex. */
function withReceipt(error: TeeError, { document, salts }: IssuedReceipt): TeeError {
  const receipt = {
    document: bytesToHex(document),
    salts: { input: bytesToHex(salts.input), secretNames: bytesToHex(salts.secretNames) },
  };
  const { code, message, ...info } = error.toJSON();
  return new TeeError(code, message, { ...info, details: { ...info.details, receipt } });
}
