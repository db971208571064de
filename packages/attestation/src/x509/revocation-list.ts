import { TeeError } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { derFault, derTags } from '../der/der-element.ts';
import { DerReader } from '../der/der-reader.ts';
import { readIntegerBytes, readSmallInteger, readTime, readWholeBits } from '../der/der-values.ts';
import { readEcdsaSignature } from '../der/ecdsa-signature.ts';
import { isEcdsaWithSha256 } from './certificate.ts';
import { readCommonName } from './distinguished-name.ts';
import { readExtensions, unknownCritical } from './extensions.ts';

/** A certificate revocation list as it was read; nothing is verified. */
export interface RevocationList {
  /** The part that the issuer signs. */
  tbs: Uint8Array;
  issuer: Uint8Array;
  issuerName: string;
  /** Unix seconds. */
  thisUpdate: number;
  /** Unix seconds. */
  nextUpdate: number;
  /** Hex serial numbers, spelled as {@link Certificate.serialNumber}. */
  revoked: ReadonlySet<string>;
  /** 64 bytes: r and s. */
  signature: Uint8Array;
}

/** The largest seen has 57 entries in 3 KB; this leaves room for thousands. */
const maxListBytes = 1024 * 1024;

/**
 * Reads a complete CRL (RFC 5280 §5.1), version 2, in strict DER. A list that is partial (delta, or of another scope)
 * says so in a critical extension and is refused, and so is one without a next update.
 * @throws {TeeError} ERR_CRL_FORMAT
 */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  if (bytes.length > maxListBytes) throw new TeeError('ERR_CRL_FORMAT', 'The revocation list is absurdly long.');
  try {
    return readList(ownedCopy(bytes));
  } catch (cause) {
    if (!(cause instanceof TeeError)) throw cause;
    throw new TeeError('ERR_CRL_FORMAT', `Not a revocation list: ${cause.message}`, { cause });
  }
}

function readList(der: Uint8Array): RevocationList {
  const outer = DerReader.open(der);
  const tbs = outer.next(derTags.sequence);
  const algorithm = outer.next(derTags.sequence);
  const signature = readWholeBits(outer.next());
  outer.end();
  if (!isEcdsaWithSha256(algorithm)) throw derFault('A CRL is signed with another algorithm than ECDSA-SHA256.');

  const fields = DerReader.inside(tbs);
  if (readSmallInteger(fields.next(derTags.integer), 1) !== 1) throw derFault('Only CRL version 2 is accepted.');
  if (!equalBytes(fields.next(derTags.sequence).encoded, algorithm.encoded)) {
    throw derFault('The two signature algorithms of a CRL differ.');
  }
  const issuer = fields.next(derTags.sequence).encoded;
  const thisUpdate = readTime(fields.next());
  const nextTag = fields.peek();
  if (nextTag !== derTags.utcTime && nextTag !== derTags.generalizedTime) throw derFault('A CRL has no next update.');
  const nextUpdate = readTime(fields.next());
  const entries = fields.optional(derTags.sequence);
  const extensionsHolder = fields.optional(0xa0);
  fields.end();
  if (extensionsHolder) refuseUnknown(DerReader.open(extensionsHolder.content));

  return {
    tbs: tbs.encoded,
    issuer,
    issuerName: readCommonName(issuer),
    thisUpdate,
    nextUpdate,
    revoked: entries ? readEntries(DerReader.inside(entries)) : new Set(),
    signature: readEcdsaSignature(signature),
  };
}

function readEntries(list: DerReader): Set<string> {
  const revoked = new Set<string>();
  while (!list.done) {
    const entry = list.enter();
    revoked.add(toHex(readIntegerBytes(entry.next(derTags.integer))));
    readTime(entry.next());
    if (!entry.done) refuseUnknown(entry.enter());
    entry.end();
  }
  return revoked;
}

function refuseUnknown(list: DerReader): void {
  const [oid] = unknownCritical(readExtensions(list), []);
  if (oid) throw derFault('A CRL has a critical extension that is not understood.', undefined, oid);
}
