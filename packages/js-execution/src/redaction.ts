import type { JsonValue } from '@neo-service-layer/tee-interface';

/** Shorter secrets are left alone: replacing every "1" or "true" would destroy messages and protect nothing. */
const shortest = 6;
const mark = '[redacted]';

/**
 * Removes secrets from text that leaves the sandbox as a message: error texts, stack traces, console lines. Each
 * string and number of at least 6 characters inside the secrets is replaced, as it is and in base64, base64url, hex
 * and URL encoding. This catches accidents; a function that wants to give a secret away can write it in ways nobody
 * can list, which is why results are not looked at.
 */
export class Redaction {
  /** Forms to replace, the longest first, so that none is left half replaced. */
  readonly #forms: readonly string[];

  constructor(secrets: Readonly<Record<string, JsonValue>>) {
    const forms = new Set<string>();
    for (const text of secretTexts(secrets)) for (const form of encodings(text)) forms.add(form);
    this.#forms = [...forms].filter((form) => form.length >= shortest).sort((a, b) => b.length - a.length);
  }

  apply(text: string): string {
    let clean = text;
    for (const form of this.#forms) clean = clean.replaceAll(form, mark);
    return clean;
  }

  /** The same for text that was cut off at its end, where the beginning of a secret may remain. */
  applyToCut(text: string): string {
    const clean = this.apply(text);
    let longest = 0;
    for (const form of this.#forms) {
      for (let length = Math.min(form.length - 1, clean.length); length > longest && length > 2; length -= 1) {
        if (clean.endsWith(form.slice(0, length))) longest = length;
      }
    }
    return longest === 0 ? clean : clean.slice(0, -longest) + mark;
  }
}

function* secretTexts(value: JsonValue): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (Array.isArray(value)) for (const item of value) yield* secretTexts(item);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) yield* secretTexts(item);
}

function encodings(text: string): string[] {
  if (text.length < shortest) return [];
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64');
  const url = percentEncoded(text);
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    hex,
    hex.toUpperCase(),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    url,
    url.replaceAll('%20', '+'),
  ];
}

function percentEncoded(text: string): string {
  // A lone surrogate has no URL form.
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}
