import { TeeError } from '@neo-service-layer/tee-interface';

/** An Ed25519 private key as PKCS#8 (RFC 8410 §7), which both cryptographies read. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function ed25519Pkcs8(seed: Uint8Array): Uint8Array<ArrayBuffer> {
  if (seed.length !== 32) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'A private key of Ed25519 is 32 bytes.', {
      actual: `${seed.length} bytes`,
    });
  }
  const head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
  return Uint8Array.from([...head, ...seed]);
}
