// Receipts of calls, for whoever has the client: what they are and how they are judged is the package `receipt`.
export {
  parseReceipt,
  type ReceiptContent,
  type ReceiptOptions,
  type ReceiptVerdict,
  verifyReceipt,
} from '@neo-service-layer/receipt';
