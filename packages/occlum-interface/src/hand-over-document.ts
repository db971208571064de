import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** A document of one enclave for another, or for holders of recovery keys, and evidence of the enclave that made it. */
export interface HandOver {
  document: Uint8Array;
  evidence: Uint8Array;
}

const label = 'tee-seal/1 hand-over';

/** Both as one file. */
export function encodeHandOver({ document, evidence }: HandOver): Uint8Array {
  return encodeCanonical([label, document, evidence]);
}

/** Reads such a file. Whether anything in it holds is for whoever gets it to say. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeHandOver(bytes: Uint8Array): HandOver {
  let value: CborValue = null;
  try {
    value = decodeCanonical(bytes);
  } catch {
    // Refused below.
  }
  const [found, document, evidence, ...more] = Array.isArray(value) ? value : [];
  if (found === label && document instanceof Uint8Array && evidence instanceof Uint8Array && more.length === 0) {
    return { document: Uint8Array.from(document), evidence: Uint8Array.from(evidence) };
  }
  throw new TeeError('ERR_SEAL_FORMAT', 'The file is not one that an enclave wrote for a hand-over.', {
    expected: 'a grant, or a backup, as neo-tee keyring writes it',
    hint: 'neo-tee seal inspect says what a file is.',
  });
}
