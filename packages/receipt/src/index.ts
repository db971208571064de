export { canonicalJson } from './canonical-json.ts';
export type { ReceiptContent, Revealed } from './check-content.ts';
export { type CommittedPart, commitment, committedNames, type ReceiptSalts, receiptSalts } from './commitments.ts';
export { type FunctionIdentity, functionHash } from './function-hash.ts';
export type { ExecutionReceipt, SignedReceipt } from './receipt.ts';
export { parseReceipt } from './receipt-codec.ts';
export { type Cosigner, type ReceiptSigner, signReceipt } from './sign-receipt.ts';
export { type ReceiptOptions, type ReceiptVerdict, verifyReceipt } from './verify-receipt.ts';
