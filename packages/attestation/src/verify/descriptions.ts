import { toHex } from '../bytes/hex.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import type { PlatformRating } from '../tcb/rate-platform.ts';
import type { PckExtension } from '../x509/pck-extension.ts';
import type { CertificateChain } from './certificate-chain.ts';

/** What a check that held says: one sentence for people. */
export function describeQuote({ header, tee, trailingBytes }: UnverifiedQuote): string {
  const trail = trailingBytes > 0 ? `; ${trailingBytes} bytes after it are ignored` : '';
  return `A quote of ${tee.toUpperCase()}, version ${header.version}${trail}.`;
}

/** See {@link describeQuote}. */
export function describeChain({ leaf, intermediate, anchor, rootDiffers }: CertificateChain): string {
  const names = [leaf.subjectName, intermediate?.subjectName, anchor.certificate.subjectName];
  const note = rootDiffers ? ' (the chain carries that root in another encoding)' : '';
  return `${names.filter((name) => name !== undefined).join(', issued by ')}, which is a trust anchor${note}.`;
}

/** See {@link describeQuote}. */
export function describePck({ fmspc, pceSvn }: PckExtension): string {
  return `The platform has FMSPC ${toHex(fmspc)} and PCESVN ${pceSvn}.`;
}

/** See {@link describeQuote}. */
export function describeRating({ status, statusBy, tcbDate }: PlatformRating): string {
  const parts = Object.entries(statusBy).filter(([, value]) => value !== null);
  return `${status} (${parts.map(([name, value]) => `${name}: ${value}`).join(', ')}), TCB level of ${tcbDate.slice(0, 10)}.`;
}
