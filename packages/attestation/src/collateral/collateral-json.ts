import { type Collateral, type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import { parseJsonObject } from '../json/strict-json.ts';
import { collateralFromFiles, collateralPartNames } from './collateral-files.ts';
import { unwrapText } from './containers.ts';

/** Enough for every part as a list of bytes. */
const maxLength = 1024 * 1024;

/**
 * Reads collateral out of one JSON object whose members are named as the parts (`tcb_info`, `pck_crl`, …), the form
 * that other verifiers call QuoteCollateralV3: text as strings, binary parts as hex strings or lists of bytes. Members
 * that are null or no part are left alone; nothing is verified.
 * @throws {TeeError} ERR_COLLATERAL_FORMAT
 */
export function parseCollateralJson(bytes: Uint8Array): Collateral {
  const { value } = parseJsonObject(unwrapText(bytes), maxLength);
  const names: readonly string[] = collateralPartNames;
  const members = Object.entries(value).filter(([name, member]) => names.includes(name) && member !== null);
  return collateralFromFiles(Object.fromEntries(members.map(([name, member]) => [name, readPart(name, member)])));
}

function readPart(name: string, member: JsonValue): Uint8Array {
  if (typeof member === 'string') return new TextEncoder().encode(member);
  const isByte = (item: JsonValue): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= 255;
  if (Array.isArray(member) && member.every(isByte)) return Uint8Array.from(member);
  throw new TeeError('ERR_COLLATERAL_FORMAT', `The part ${name} is neither a string nor a list of bytes.`);
}
