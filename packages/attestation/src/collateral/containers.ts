import { TeeError } from '@neo-service-layer/tee-interface';
import { decodeBase64 } from '../bytes/base64.ts';
import { byteKey } from '../bytes/byte-key.ts';
import { fromHex } from '../bytes/hex.ts';
import { readDerElement } from '../der/der-element.ts';

/**
 * Collateral comes in whatever form its carrier had: DER, PEM, the hex of either, PEM that was percent-encoded for an
 * HTTP header, each with or without NUL bytes or line ends after it. These functions find the content; they decide
 * nothing.
 */

const sequenceTag = 0x30;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** No chain in DCAP has more than four certificates. */
const maxCertificates = 8;

/**
 * The certificates in `bytes`, in the order in which they occur, as DER.
 * @throws {TeeError} ERR_CERT_FORMAT
 */
export function unwrapCertificates(bytes: Uint8Array): Uint8Array[] {
  const found = unwrap(bytes, 'CERTIFICATE');
  if (found.length === 0) throw new TeeError('ERR_CERT_FORMAT', 'No certificate was found in the bytes.');
  return found;
}

/**
 * The one revocation list in `bytes`, as DER.
 * @throws {TeeError} ERR_CRL_FORMAT
 */
export function unwrapRevocationList(bytes: Uint8Array): Uint8Array {
  try {
    const [list, ...more] = unwrap(bytes, 'X509 CRL');
    if (list && more.length === 0) return list;
  } catch (cause) {
    throw new TeeError('ERR_CRL_FORMAT', 'The revocation list is in no known container.', { cause });
  }
  throw new TeeError('ERR_CRL_FORMAT', 'There is not exactly one revocation list.', {
    actual: `${bytes.length} bytes`,
  });
}

/**
 * Text as UTF-8 without the NULs and line ends after it.
 * @throws {TeeError} ERR_COLLATERAL_FORMAT when it is not UTF-8
 */
export function unwrapText(bytes: Uint8Array): string {
  try {
    return utf8.decode(trimEnd(bytes));
  } catch (cause) {
    throw new TeeError('ERR_COLLATERAL_FORMAT', 'The text is not UTF-8.', { cause });
  }
}

/**
 * A signature of 64 bytes, raw or as hex.
 * @throws {TeeError} ERR_COLLATERAL_FORMAT
 */
export function unwrapSignature(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 64) return bytes.slice();
  const text = unwrapText(bytes);
  if (!/^[0-9a-fA-F]{128}$/.test(text)) {
    throw new TeeError('ERR_COLLATERAL_FORMAT', 'A signature is neither 64 bytes nor their hex.', {
      actual: `${bytes.length} bytes`,
    });
  }
  return fromHex(text);
}

function unwrap(bytes: Uint8Array, label: string): Uint8Array[] {
  if (bytes[0] === sequenceTag && !isHexText(bytes)) return splitDer(bytes);
  const text = unwrapText(bytes).trim();
  if (/^[0-9a-fA-F]+$/.test(text)) return unwrap(fromHex(text), label);
  return splitPem(text.startsWith('-----BEGIN%20') ? decodePercent(text) : text, label);
}

/** DER starts with 30, which is also the digit 0: hex text has nothing but digits in its first bytes. */
function isHexText(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && /^[0-9a-fA-F]{8}$/.test(byteKey(bytes.subarray(0, 8)));
}

function splitDer(bytes: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  const end = bytes.length;
  let offset = 0;
  while (offset < end && bytes[offset] === sequenceTag) {
    const element = readDerElement(bytes, offset);
    pushLimited(elements, element.encoded);
    offset = element.end;
  }
  if (trimEnd(bytes.subarray(offset)).length > 0) {
    throw new TeeError('ERR_CERT_FORMAT', 'There is something after the DER.', { actual: `${end - offset} bytes` });
  }
  return elements;
}

function pushLimited(parts: Uint8Array[], part: Uint8Array): void {
  if (parts.length >= maxCertificates) throw new TeeError('ERR_CERT_FORMAT', 'There are too many certificates.');
  parts.push(part);
}

function splitPem(text: string, label: string): Uint8Array[] {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const blocks: Uint8Array[] = [];
  let rest = text;
  while (rest.length > 0) {
    const stop = rest.indexOf(end);
    if (!rest.startsWith(begin) || stop < 0)
      throw new TeeError('ERR_CERT_FORMAT', 'The bytes are not PEM, DER or hex.');
    const content = decodeBase64(rest.slice(begin.length, stop));
    if (!content) throw new TeeError('ERR_CERT_FORMAT', 'The PEM holds something other than base64.');
    pushLimited(blocks, content);
    rest = rest.slice(stop + end.length).trimStart();
  }
  return blocks;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new TeeError('ERR_CERT_FORMAT', 'The percent-encoding of a PEM is broken.', { cause });
  }
}

/** NULs, line ends and spaces after the content: terminators that C programs and editors leave. */
function trimEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0) {
    const byte = bytes[end - 1];
    if (byte !== 0 && byte !== 0x0a && byte !== 0x0d && byte !== 0x20) break;
    end -= 1;
  }
  return bytes.subarray(0, end);
}
