/** CBOR as docs/tee-seal.md allows it, read and written without anything of this package. */

export type Item = number | string | Buffer | null | Item[] | Map<Item, Item>;

/** Reads one item at a place; returns it and where it ends. */
export function readItem(bytes: Buffer, at: number): [Item, number] {
  const first = bytes.readUInt8(at);
  if (first === 0xf6) return [null, at + 1];
  const [major, info] = [first >> 5, first & 31];
  if (info > 26) throw new Error('only integers of up to 32 bits, and definite lengths');
  const size = info < 24 ? 0 : 2 ** (info - 24);
  const argument = size === 0 ? info : bytes.readUIntBE(at + 1, size);
  const least = [0, 24, 256, 0, 65536][size] ?? 0;
  if (argument < least) throw new Error('not the shortest form');
  const next = at + 1 + size;
  if (major === 0) return [argument, next];
  if (major === 1) return [-1 - argument, next];
  if (next + (major === 2 || major === 3 ? argument : 0) > bytes.length) throw new Error('ends early');
  if (major === 2) return [bytes.subarray(next, next + argument), next + argument];
  if (major === 3) return [bytes.toString('utf8', next, next + argument), next + argument];
  if (major === 6) return readItem(bytes, next);
  if (major === 4) return readItems(bytes, next, argument);
  if (major !== 5) throw new Error('no such item');
  const [flat, end] = readItems(bytes, next, argument * 2);
  const pairs = flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1] ?? null] as const] : []));
  return [new Map(pairs), end];
}

function readItems(bytes: Buffer, from: number, count: number): [Item[], number] {
  const items: Item[] = [];
  let at = from;
  for (let i = 0; i < count; i += 1) {
    const [item, end] = readItem(bytes, at);
    items.push(item);
    at = end;
  }
  return [items, at];
}

/** The elements of bytes that are one array and nothing more. */
export function arrayOf(bytes: Buffer): Item[] {
  const [item, end] = readItem(bytes, 0);
  if (!Array.isArray(item) || end !== bytes.length) throw new Error('not one array');
  return item;
}

export function bytesOf(item: Item | undefined): Buffer {
  if (!Buffer.isBuffer(item)) throw new Error('not bytes');
  return item;
}

export function numberOf(item: Item | undefined): number {
  if (typeof item !== 'number') throw new Error('not a number');
  return item;
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) + argument);
  if (argument < 256) return Buffer.of((major << 5) + 24, argument);
  if (argument < 65536) return Buffer.of((major << 5) + 25, argument >> 8, argument & 255);
  const long = Buffer.alloc(5);
  long.writeUInt8((major << 5) + 26, 0);
  long.writeUInt32BE(argument, 1);
  return long;
}

/** Encodes an array of texts, byte strings and non-negative integers. */
export function encodeArray(...items: (number | string | Uint8Array)[]): Buffer {
  const parts = items.map((item) => {
    if (typeof item === 'number') return head(0, item);
    const content = Buffer.from(item);
    return Buffer.concat([head(typeof item === 'string' ? 3 : 2, content.length), content]);
  });
  return Buffer.concat([head(4, items.length), ...parts]);
}
