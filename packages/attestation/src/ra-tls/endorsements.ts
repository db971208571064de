import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { CborReader } from './cbor-reader.ts';
import { requireQuoteTag, withQuoteTag } from './dice-evidence.ts';

/** The version of the fields below (`OE_SGX_ENDORSEMENTS_VERSION`). */
const endorsementsVersion = 1;

/** Order of the parts (`oe_sgx_endorsements_fields_t` of Open Enclave, which CCC Interoperable RA-TLS refers to). */
const order = [
  'tcbInfo',
  'tcbInfoIssuerChain',
  'pckCrl',
  'rootCaCrl',
  'pckCrlIssuerChain',
  'qeIdentity',
  'qeIdentityIssuerChain',
] as const satisfies readonly (keyof Collateral)[];

/**
 * Reads collateral out of the extension tcg-dice-endorsement-manifest: CBOR `60000([version, …])` of eight fields, or
 * nine with the time of creation, which is not looked at. Nothing is verified: whoever made the certificate chose the
 * bytes. Empty parts are left out.
 * @throws {TeeError} ERR_RATLS_FORMAT, ERR_RATLS_UNSUPPORTED for another tag or version
 */
export function parseEndorsements(value: Uint8Array): Collateral {
  const reader = new CborReader(value);
  requireQuoteTag(reader.tag());
  const fields = reader.array();
  const version = reader.unsigned();
  if (version !== endorsementsVersion) {
    throw new TeeError('ERR_RATLS_UNSUPPORTED', 'The endorsements are of another version.', {
      expected: String(endorsementsVersion),
      actual: String(version),
    });
  }
  if (fields !== order.length + 1 && fields !== order.length + 2) {
    throw new TeeError('ERR_RATLS_FORMAT', 'The endorsements have another number of fields.', {
      expected: '8 or 9',
      actual: String(fields),
    });
  }
  const parts: Partial<Record<keyof Collateral, Uint8Array>> = {};
  for (const name of order) {
    const bytes = reader.bytes();
    if (bytes.length > 0) parts[name] = bytes;
  }
  if (fields === order.length + 2) reader.bytes();
  reader.end();
  const { tcbInfo, tcbInfoIssuerChain, qeIdentity, qeIdentityIssuerChain, ...rest } = parts;
  if (!tcbInfo || !tcbInfoIssuerChain || !qeIdentity || !qeIdentityIssuerChain) {
    throw new TeeError('ERR_RATLS_FORMAT', 'A required part of the endorsements is empty.');
  }
  return { tcbInfo, tcbInfoIssuerChain, qeIdentity, qeIdentityIssuerChain, ...rest };
}

/**
 * Writes what {@link parseEndorsements} reads.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for collateral with a part that has no place there (signatures beside their
 *   documents, a PCK chain beside the quote)
 */
export function encodeEndorsements(collateral: Collateral): Uint8Array {
  const { tcbInfoSignature, qeIdentitySignature, pckCertificateChain } = collateral;
  if (tcbInfoSignature || qeIdentitySignature || pckCertificateChain) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'This collateral does not fit the endorsements of a certificate.', {
      expected: 'TCB info and QE identity as whole answers, the PCK chain in the quote',
    });
  }
  const parts = order.map((name) => collateral[name] ?? new Uint8Array());
  return withQuoteTag(encodeCanonical([endorsementsVersion, ...parts]));
}
