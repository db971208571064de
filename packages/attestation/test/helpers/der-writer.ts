import { der } from '../../src/der/der-writer.ts';

export {
  bits,
  boolean,
  der,
  extension,
  integer,
  name,
  octets,
  oid,
  sequence,
  time,
} from '../../src/der/der-writer.ts';
/** ENUMERATED, which only PCK certificates have. */
export const enumerated = (value: number) => der(0x0a, Uint8Array.of(value));
