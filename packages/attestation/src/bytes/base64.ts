const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const skipped = 64;
const padding = 65;
const foreign = 66;

const values = new Uint8Array(256).fill(foreign);
for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value;
for (const character of '\r\n\t ') values[character.charCodeAt(0)] = skipped;
values['='.charCodeAt(0)] = padding;

/**
 * The bytes of base64 (RFC 4648 §4) with white space in it, as PEM has. Many times as fast as `atob`.
 * @returns null unless it is base64 in whole quanta, padded where it must be and nowhere else
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let length = 0;
  let quantum = 0;
  let digits = 0;
  let pads = 0;
  for (let i = 0; i < text.length; i += 1) {
    // Whole quanta at once, as long as nothing else stands between them.
    while (digits % 4 === 0 && pads === 0 && i + 4 <= text.length) {
      const a = values[text.charCodeAt(i)] ?? foreign;
      const b = values[text.charCodeAt(i + 1)] ?? foreign;
      const c = values[text.charCodeAt(i + 2)] ?? foreign;
      const d = values[text.charCodeAt(i + 3)] ?? foreign;
      if ((a | b | c | d) >= skipped) break;
      bytes[length] = (a << 2) | (b >> 4);
      bytes[length + 1] = ((b & 15) << 4) | (c >> 2);
      bytes[length + 2] = ((c & 3) << 6) | d;
      length += 3;
      digits += 4;
      i += 4;
    }
    if (i >= text.length) break;
    const value = values[text.charCodeAt(i)] ?? foreign;
    if (value === skipped) continue;
    if (value === foreign || (pads > 0 && value !== padding)) return null;
    if (value === padding) pads += 1;
    quantum = (quantum << 6) | (value & 63);
    digits += 1;
    if (digits % 4 !== 0) continue;
    bytes[length] = (quantum >> 16) & 0xff;
    bytes[length + 1] = (quantum >> 8) & 0xff;
    bytes[length + 2] = quantum & 0xff;
    length += 3;
    quantum = 0;
  }
  if (digits % 4 !== 0 || pads > 2 || digits === 0) return null;
  return bytes.subarray(0, length - pads);
}
