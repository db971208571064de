import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { op } from './instructions.ts';

/** Bytes that instantiation puts at an address of memory 0. */
export interface DataSegment {
  address: number;
  bytes: Uint8Array;
}

/** Reads a data section. Only active segments of memory 0 with a constant address are known; others are refused. */
export function readDataSegments(payload: Uint8Array): DataSegment[] {
  const reader = new ByteReader(payload);
  const segments: DataSegment[] = [];
  for (let rest = reader.u32(); rest > 0; rest -= 1) {
    if (reader.u32() !== 0 || reader.byte() !== op.i32Const) throw new Error('unsupported data segment');
    const address = Number(BigInt.asUintN(32, reader.s64()));
    if (reader.byte() !== op.end) throw new Error('unsupported data segment address');
    segments.push({ address, bytes: reader.take(reader.u32()) });
  }
  return segments;
}

/** Writes a data section. */
export function writeDataSegments(segments: readonly DataSegment[]): Uint8Array {
  const writer = new ByteWriter().u32(segments.length);
  for (const { address, bytes } of segments) {
    writer
      .u32(0)
      .byte(op.i32Const)
      .s64(BigInt.asIntN(32, BigInt(address)))
      .byte(op.end)
      .sized(bytes);
  }
  return writer.finish();
}

/**
 * The address of a NUL-terminated text constant.
 *
 * @throws when the text is there more than once or not at all: marking the wrong one would give wrong facts
 */
export function addressOfText(segments: readonly DataSegment[], text: string): number {
  const needle = Buffer.from(`\0${text}\0`, 'latin1');
  const found: number[] = [];
  for (const { address, bytes } of segments) {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1))
      found.push(address + at + 1);
  }
  const [only] = found;
  if (only === undefined || found.length !== 1) throw new Error(`"${text}" is in the data ${found.length} times`);
  return only;
}
