import { Buffer } from 'node:buffer';

/** Encodes a DER element. Contents are concatenated. */
export function der(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const { length } = content;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x10000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return new Uint8Array(Buffer.concat([Uint8Array.from(header), content]));
}

export const sequence = (...items: Uint8Array[]) => der(0x30, ...items);
const set = (...items: Uint8Array[]) => der(0x31, ...items);
export const octets = (bytes: Uint8Array) => der(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0) => der(0x03, Uint8Array.of(unused), bytes);
export const boolean = (value: boolean) => der(0x01, Uint8Array.of(value ? 0xff : 0));
export const enumerated = (value: number) => der(0x0a, Uint8Array.of(value));

/** A non-negative INTEGER. */
export function integer(value: number | Uint8Array): Uint8Array {
  let hex =
    typeof value === 'number'
      ? value.toString(16)
      : Buffer.from(value)
          .toString('hex')
          .replace(/^(?:00)+/, '');
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (hex === '' || Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  return der(0x02, Buffer.from(hex, 'hex'));
}

/** An OBJECT IDENTIFIER. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octetsOf = (arc: number): number[] => {
    const out = [arc & 0x7f];
    for (let value = Math.floor(arc / 128); value > 0; value = Math.floor(value / 128))
      out.unshift((value & 0x7f) | 0x80);
    return out;
  };
  return der(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(octetsOf)));
}

/** A GeneralizedTime of unix seconds. */
export function time(seconds: number): Uint8Array {
  const text = `${new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return der(0x18, Buffer.from(text, 'latin1'));
}

/** A Name with one common name. */
export function name(commonName: string): Uint8Array {
  return sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}
