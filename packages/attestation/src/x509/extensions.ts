import { derFault, derTags } from '../der/der-element.ts';
import type { DerReader } from '../der/der-reader.ts';
import { readBoolean, readOid } from '../der/der-values.ts';

/** One X.509 extension; `value` is the DER inside its octet string. */
export interface Extension {
  critical: boolean;
  value: Uint8Array;
}

/**
 * Reads Extensions (RFC 5280 §4.2) into a map by OID.
 * @throws {TeeError} ERR_CERT_FORMAT for anything malformed or an extension that occurs twice
 */
export function readExtensions(list: DerReader): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  while (!list.done) {
    const extension = list.enter();
    const oid = readOid(extension.next());
    const critical = extension.optional(derTags.boolean);
    // DER leaves out a default; an explicit FALSE occurs in the wild (Intel's CRL entries) and means the same.
    const isCritical = critical ? readBoolean(critical) : false;
    const value = extension.next(derTags.octetString).content;
    extension.end();
    if (extensions.has(oid)) throw derFault('An extension occurs twice.', undefined, oid);
    extensions.set(oid, { critical: isCritical, value });
  }
  return extensions;
}

/** OIDs of the critical extensions that are not in `known`. */
export function unknownCritical(extensions: ReadonlyMap<string, Extension>, known: readonly string[]): string[] {
  return [...extensions].filter(([oid, { critical }]) => critical && !known.includes(oid)).map(([oid]) => oid);
}
