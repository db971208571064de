import { type JsonValue, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { type JsonDocument, parseJsonObject } from '../json/strict-json.ts';
import { unwrapSignature, unwrapText } from './containers.ts';

/** A JSON document of Intel's with its signature; the signature is not verified yet. */
export interface SignedJson {
  value: { [key: string]: JsonValue };
  /** The raw bytes that are signed. */
  signedBytes: Uint8Array;
  /** 64 bytes: r and s. */
  signature: Uint8Array;
}

const utf8 = new TextEncoder();

/** Ten times the longest TCB info there is. */
const maxDocumentLength = 256 * 1024;

/**
 * Finds the signed object and its signature. Either `bytes` is a whole PCS answer `{"<member>":{…},"signature":"hex"}`
 * or it is the inner object, with the signature in a part of its own. What is parsed is exactly what is signed: the
 * same characters, in which no member occurs twice.
 *
 * @param member `tcbInfo` or `enclaveIdentity`
 * @param code the error code of the document
 * @throws {TeeError} `code`
 */
export function readSignedJson(
  bytes: Uint8Array,
  separateSignature: Uint8Array | undefined,
  member: string,
  code: TeeErrorCode,
): SignedJson {
  try {
    const text = unwrapText(bytes);
    const document = parseJsonObject(text, maxDocumentLength);
    const isAnswer = document.source.has(member);
    return isAnswer ? openAnswer(document, member, separateSignature) : openInner(text, document, separateSignature);
  } catch (cause) {
    if (!(cause instanceof TeeError)) throw cause;
    throw new TeeError(code, cause.message, {
      cause,
      ...(cause.expected === undefined ? {} : { expected: cause.expected }),
      ...(cause.actual === undefined ? {} : { actual: cause.actual }),
    });
  }
}

function openAnswer(document: JsonDocument, member: string, separate: Uint8Array | undefined): SignedJson {
  const { [member]: value, signature: text, ...rest } = document.value;
  const source = document.source.get(member);
  if (!isJsonObject(value) || source === undefined) throw malformed(`The member ${member} is not an object.`);
  if (Object.keys(rest).length > 0) throw malformed('The answer has a member beside the document and its signature.');
  if (typeof text !== 'string') throw malformed('The answer has no signature.');
  const signature = unwrapSignature(utf8.encode(text));
  if (separate && !equalBytes(unwrapSignature(separate), signature)) {
    throw malformed('The signature in the answer and the one beside it differ.');
  }
  return { value, signedBytes: utf8.encode(source), signature };
}

function openInner(text: string, document: JsonDocument, separate: Uint8Array | undefined): SignedJson {
  if (!separate) throw malformed('The document has no signature, neither around it nor beside it.');
  return {
    value: document.value,
    signedBytes: utf8.encode(text),
    signature: unwrapSignature(separate),
  };
}

function isJsonObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string): TeeError {
  return new TeeError('ERR_COLLATERAL_FORMAT', message);
}
