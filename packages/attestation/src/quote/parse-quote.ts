import { TeeError } from '@neo-service-layer/tee-interface';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { parseReportBody } from '../device/report-body.ts';
import { readCertificationData } from './certification-data.ts';
import type { QuoteBody, QuoteHeader, UnverifiedQuote } from './quote.ts';
import { bodySizes, readQuoteBody } from './quote-body.ts';

/** TEE types of a quote header. */
const teeTypes = { sgx: 0x00, tdx: 0x81 } as const;
/** Body types of quote version 5. */
const bodyKinds: Readonly<Record<number, QuoteBody['kind']>> = { 1: 'sgx', 2: 'td10', 3: 'td15', 4: 'td15ex' };
/** Attestation key type ECDSA-256-with-P-256. */
const ecdsaP256 = 2;
/** Certification data type of versions 4 and 5 that wraps the QE report. */
const qeReportCertificationData = 6;

/**
 * Reads a quote: SGX version 3, SGX and TDX version 4 and 5 (Intel SGX ECDSA QuoteLibReference, "Quote Format"; Intel
 * TDX DCAP Quoting Library API). Every length is checked before it is followed. Nothing is verified: not a signature,
 * not who made it.
 *
 * @throws {TeeError} ERR_QUOTE_FORMAT for malformed bytes, ERR_QUOTE_UNSUPPORTED for a version, TEE, body or key type
 *   that is not supported
 */
export function parseQuote(bytes: Uint8Array): UnverifiedQuote {
  const owned = ownedCopy(bytes);
  const cursor = new ByteCursor(owned, 'ERR_QUOTE_FORMAT');
  const header = readHeader(cursor);
  const body = readQuoteBody(cursor, readBodyKind(header, cursor));
  const signedBytes = owned.subarray(0, cursor.offset);
  const signatureData = cursor.take(cursor.u32('the signature length'), 'the signature data');
  const trailingBytes = cursor.remaining;
  return {
    tee: body.kind === 'sgx' ? 'sgx' : 'tdx',
    header,
    body,
    signedBytes,
    ...readSignatureData(header.version, signatureData),
    trailingBytes,
    bytes: owned.subarray(0, owned.length - trailingBytes),
  };
}

function readHeader(cursor: ByteCursor): QuoteHeader {
  const version = cursor.u16('the version');
  if (version !== 3 && version !== 4 && version !== 5) throw unsupported('version', '3, 4 or 5', version);
  const attestationKeyType = cursor.u16('the attestation key type');
  if (attestationKeyType !== ecdsaP256) {
    throw unsupported('attestation key type', `${ecdsaP256} (ECDSA P-256)`, attestationKeyType);
  }
  const teeType = cursor.u32('the TEE type');
  const isKnown = teeType === teeTypes.sgx || (teeType === teeTypes.tdx && version !== 3);
  if (!isKnown) throw unsupported('TEE type', version === 3 ? '0 (SGX)' : '0 (SGX) or 129 (TDX)', teeType);
  return {
    version,
    attestationKeyType,
    teeType,
    qeSvn: cursor.u16('the QE SVN'),
    pceSvn: cursor.u16('the PCE SVN'),
    qeVendorId: cursor.take(16, 'the QE vendor id'),
    userData: cursor.take(20, 'the user data'),
  };
}

function readBodyKind(header: QuoteHeader, cursor: ByteCursor): QuoteBody['kind'] {
  const isSgx = header.teeType === teeTypes.sgx;
  if (header.version !== 5) return isSgx ? 'sgx' : 'td10';
  const type = cursor.u16('the body type');
  const kind = bodyKinds[type];
  if (kind === undefined || isSgx !== (kind === 'sgx')) {
    throw unsupported('body type', isSgx ? '1' : '2, 3 or 4', type);
  }
  const size = cursor.u32('the body size');
  if (size !== bodySizes[kind]) {
    throw new TeeError('ERR_QUOTE_FORMAT', 'The body size does not fit its type.', {
      expected: `${bodySizes[kind]}`,
      actual: `${size}`,
    });
  }
  return kind;
}

type SignatureData = Pick<
  UnverifiedQuote,
  | 'signature'
  | 'attestationKey'
  | 'qeReport'
  | 'qeReportBytes'
  | 'qeReportSignature'
  | 'qeAuthenticationData'
  | 'certificationData'
>;

function readSignatureData(version: QuoteHeader['version'], bytes: Uint8Array): SignatureData {
  const outer = new ByteCursor(bytes, 'ERR_QUOTE_FORMAT');
  const signature = outer.take(64, 'the quote signature');
  const attestationKey = outer.take(64, 'the attestation key');
  // Versions 4 and 5 wrap what follows, the QE report included, into certification data of type 6.
  const inner = version === 3 ? outer : new ByteCursor(readWrapped(outer), 'ERR_QUOTE_FORMAT');
  const qeReportBytes = inner.take(bodySizes.sgx, 'the QE report');
  const qeReportSignature = inner.take(64, 'the QE report signature');
  const qeAuthenticationData = inner.take(inner.u16('the QE authentication data length'), 'the QE authentication data');
  const type = inner.u16('the certification data type');
  const certificationBytes = inner.take(inner.u32('the certification data length'), 'the certification data');
  if (inner.remaining > 0 || outer.remaining > 0) {
    throw new TeeError('ERR_QUOTE_FORMAT', 'The signature data is longer than its parts.', {
      actual: `${inner.remaining + outer.remaining} bytes more`,
    });
  }
  return {
    signature,
    attestationKey,
    qeReport: parseReportBody(qeReportBytes),
    qeReportBytes,
    qeReportSignature,
    qeAuthenticationData,
    certificationData: readCertificationData(type, certificationBytes),
  };
}

function readWrapped(cursor: ByteCursor): Uint8Array {
  const type = cursor.u16('the certification data type');
  if (type !== qeReportCertificationData) {
    throw unsupported('certification data type', `${qeReportCertificationData} (QE report)`, type);
  }
  return cursor.take(cursor.u32('the certification data length'), 'the QE report certification data');
}

function unsupported(what: string, expected: string, actual: number): TeeError {
  return new TeeError('ERR_QUOTE_UNSUPPORTED', `A quote with this ${what} is not supported.`, {
    expected,
    actual: String(actual),
  });
}
