import { derTags } from '../der/der-element.ts';
import { DerReader } from '../der/der-reader.ts';
import { readOid } from '../der/der-values.ts';
import { oids } from './oids.ts';

const utf8 = new TextDecoder();

/**
 * The first common name in a distinguished name, or an empty string. Only for roles and messages: names are chained
 * by comparing their whole encodings.
 * @param encoded a Name (RFC 5280 §4.1.2.4)
 * @throws {TeeError} ERR_CERT_FORMAT
 */
export function readCommonName(encoded: Uint8Array): string {
  const name = DerReader.open(encoded);
  let commonName = '';
  while (!name.done) {
    const attributes = name.enter(derTags.set);
    while (!attributes.done) {
      const attribute = attributes.enter();
      const type = readOid(attribute.next());
      const value = attribute.next();
      attribute.end();
      if (type === oids.commonName && commonName === '') commonName = utf8.decode(value.content);
    }
  }
  return commonName;
}
