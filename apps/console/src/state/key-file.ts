// PKCS #8 of an Ed25519 key is this, then the 32 bytes (RFC 8410).
const prefix = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** A user's key as `neo-tee user new-key` writes it. @param seed 32 bytes */
export function keyFile(seed: Uint8Array): string {
  return `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...prefix, ...seed))}\n-----END PRIVATE KEY-----\n`;
}

/** The seed (32 bytes) in such a file. @throws {TypeError} for anything else; says nothing of it */
export function seedOf(pem: string): Uint8Array {
  const bytes = bytesOf(pem.replace(/-----[^-]+-----|\s/g, ''));
  if (bytes?.length === prefix.length + 32 && prefix.every((byte, index) => bytes[index] === byte))
    return bytes.slice(prefix.length);
  throw new TypeError('This is no private key of a user (Ed25519, PEM).');
}

function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
