import { bytesToHex, type IssuedReceipt } from '@neo-service-layer/tee-interface';
import { download } from './download.ts';

/** The three files of a receipt, named and made as `neo-tee run --receipt` does. */
export function ReceiptFiles({ receipt, evidence }: { receipt: IssuedReceipt; evidence: Uint8Array }) {
  const { document, salts } = receipt;
  const saltsText = JSON.stringify(
    Object.fromEntries(Object.entries(salts).map(([name, salt]) => [name, bytesToHex(salt)])),
    null,
    2,
  );
  return (
    <p class="buttons">
      <button type="button" onClick={() => download('console.receipt', document)}>
        Receipt
      </button>
      <button type="button" onClick={() => download('console.receipt.evidence', evidence)}>
        Evidence
      </button>
      <button type="button" onClick={() => download('console.receipt.salts.json', `${saltsText}\n`)}>
        Salts (keep them)
      </button>
    </p>
  );
}
