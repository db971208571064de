import type { JsonValue } from '@neo-service-layer/tee-interface';

/**
 * JSON with one text for each value (RFC 8785): members sorted by the UTF-16 code units of their names, no white space,
 * numbers and strings as ECMAScript writes them.
 */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort(byCodeUnits)
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** The order of RFC 8785, and of everything here that is sorted before it is hashed. */
export function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
