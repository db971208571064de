import { decodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** What the clear part of a message says about where it belongs. */
export type MessageHead =
  /** Asks for a session with the enclave whose evidence has this digest. */
  | { type: 'hello'; evidenceDigest: string }
  /** Belongs to a session. */
  | { type: 'request'; sessionId: string };

/** A hello and a welcome are small; anything longer is none. */
const longestHello = 4096;
/** `["request", …` of five members, then a byte string of 16: deterministic CBOR has one form for it. */
const requestHead = Buffer.from([0x85, 0x67, ...Buffer.from('request'), 0x50]);

/**
 * The head of a client's message, or null for what is none. The relay reads no more than this, and trusts none of it: a
 * message that is brought to the wrong enclave is refused there.
 */
export function messageHead(message: Uint8Array): MessageHead | null {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  const end = requestHead.length + 16;
  if (bytes.length > end && bytes.subarray(0, requestHead.length).equals(requestHead)) {
    return { type: 'request', sessionId: bytes.subarray(requestHead.length, end).toString('hex') };
  }
  const fields = fieldsOf(message, 'hello');
  const digest = fields?.[5];
  return digest instanceof Uint8Array && digest.length === 32
    ? { type: 'hello', evidenceDigest: Buffer.from(digest).toString('hex') }
    : null;
}

/** The session that an enclave's answer opens, hex, or null when it opens none. */
export function openedSession(answer: Uint8Array): string | null {
  const id = fieldsOf(answer, 'welcome')?.[3];
  return id instanceof Uint8Array && id.length === 16 ? Buffer.from(id).toString('hex') : null;
}

function fieldsOf(message: Uint8Array, type: 'hello' | 'welcome') {
  if (message.length > longestHello) return null;
  try {
    const value = decodeCanonical(message);
    return Array.isArray(value) && value.length === 7 && value[0] === type ? value : null;
  } catch {
    return null;
  }
}
