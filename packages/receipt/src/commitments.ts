/**
 * How a receipt commits to what it must not show. A plain hash of an input would let anybody who sees the receipt try
 * likely inputs; a commitment has a salt, which its owner shows together with the content, for each part alone.
 */
import type { JsonValue } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { byCodeUnits, canonicalJson } from './canonical-json.ts';

/** The parts that a receipt commits to. */
export type CommittedPart = 'input' | 'output' | 'secretNames';

/** A salt for each part, 32 bytes. Whoever has one and the content can prove the content. */
export type ReceiptSalts = Record<CommittedPart, Uint8Array>;

/** The salts of one receipt, from random bytes of its own. @param secret 32 bytes */
export async function receiptSalts(secret: Uint8Array): Promise<ReceiptSalts> {
  const salt = (part: CommittedPart) => sha256(encodeCanonical(['tee-receipt/1 salt', part, secret]));
  const [input, output, secretNames] = await Promise.all([salt('input'), salt('output'), salt('secretNames')]);
  return { input, output, secretNames };
}

/**
 * SHA-256 over the canonical CBOR of `["tee-receipt/1 commitment", part, salt, text]`, where the text is the content as
 * JSON by RFC 8785. An input or a result that is not there is null; names of secrets are sorted.
 */
export function commitment(part: CommittedPart, salt: Uint8Array, content: JsonValue): Promise<Uint8Array> {
  return sha256(encodeCanonical(['tee-receipt/1 commitment', part, salt, canonicalJson(content)]));
}

/** The names of secrets as they are committed to. */
export function committedNames(secrets: Readonly<Record<string, unknown>> | readonly string[]): string[] {
  return [...(Array.isArray(secrets) ? secrets : Object.keys(secrets))].sort(byCodeUnits);
}

/** SHA-256, by WebCrypto. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)));
}
