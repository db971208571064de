import { ByteCursor } from '../bytes/byte-cursor.ts';
import type { CertificationData } from './quote.ts';

/** Names and lengths of the PPID field of certification data types 1 to 3. */
const ppidForms = {
  1: { kind: 'ppid', length: 16 },
  2: { kind: 'ppid-rsa2048', length: 256 },
  3: { kind: 'ppid-rsa3072', length: 384 },
} as const;

/**
 * Gives certification data its names. The bytes of a certificate or chain stay as they are: PEM, DER and final NULs
 * all occur.
 * Intel's own sample of type 1 ends before the PCEID, so that may be absent.
 * @throws {TeeError} ERR_QUOTE_FORMAT when a type 1 to 3 is shorter than its fields
 */
export function readCertificationData(type: number, bytes: Uint8Array): CertificationData {
  if (type === 1 || type === 2 || type === 3) {
    const { kind, length } = ppidForms[type];
    const cursor = new ByteCursor(bytes, 'ERR_QUOTE_FORMAT');
    return {
      type,
      kind,
      ppid: cursor.take(length, 'the PPID'),
      cpuSvn: cursor.take(16, 'the CPUSVN'),
      pceSvn: cursor.u16('the PCESVN'),
      pceId: cursor.remaining > 0 ? cursor.take(2, 'the PCEID') : null,
      bytes,
    };
  }
  if (type === 4) return { type, kind: 'pck-certificate', bytes };
  if (type === 5) return { type, kind: 'pck-chain', bytes };
  return { type, kind: 'unknown', bytes };
}
