import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { ExecutionReceipt } from './receipt.ts';
import { encodeReceipt, encodeReceiptBody } from './receipt-codec.ts';

/** Signs with the enclave's identity key: an `EnclaveIdentity` of tee-channel. */
export interface ReceiptSigner {
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Signs the body of a receipt a second time, with a key that chains know: see `./ethereum`. */
export interface Cosigner {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** 65 bytes: r, s, v. */
  sign(body: Uint8Array): Uint8Array;
}

/** Makes a receipt, inside the enclave. The address of a co-signer is under the enclave's own signature. */
export async function signReceipt(
  receipt: Omit<ExecutionReceipt, 'cosigner'>,
  identity: ReceiptSigner,
  cosigner: Cosigner | null = null,
): Promise<Uint8Array> {
  const body = encodeReceiptBody({ ...receipt, cosigner: cosigner?.address ?? null });
  const signature = await identity.sign(receiptSigningInput(body));
  return encodeReceipt({ body, signature, cosignature: cosigner?.sign(body) ?? null });
}

/** What the identity key signs. The label keeps it apart from everything else that this key signs. */
export function receiptSigningInput(body: Uint8Array): Uint8Array {
  return encodeCanonical(['tee-receipt/1 signature', body]);
}
