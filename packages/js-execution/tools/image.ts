import type { BootImage } from './boot.ts';
import { ByteReader } from './wasm/byte-reader.ts';
import { ByteWriter } from './wasm/byte-writer.ts';
import { type DataSegment, writeDataSegments } from './wasm/data-segments.ts';
import { op, valueType } from './wasm/instructions.ts';
import { appendEntries, readSections, section, writeSections } from './wasm/sections.ts';

const pageSize = 65_536;
/** A run of zeroes shorter than this costs less to store than a new segment. */
const shortestGap = 32;

/**
 * Puts a booted engine back into module form: its memory becomes the module's data, so that instantiating is all it
 * takes to have a ready engine, and the hash of the module covers the prelude and everything else that booting made.
 *
 * The memory is imported instead of defined: the host decides its maximum. Exports are reduced to `keep` (creating
 * hundreds of unused export functions is most of the cost of an instance); `memory_pages` and the addresses of the
 * boot image are added as constants.
 */
export function makeImage(wasm: Uint8Array, image: BootImage, keep: readonly string[]): Uint8Array {
  const sections = readSections(wasm);
  const pages = image.memory.length / pageSize;
  if (sections.has('start')) throw new Error('a start function would run twice');

  sections.delete('memory');
  // Only memory.init needs the count, and the rewriter refuses that instruction.
  sections.delete('dataCount');
  const limits = new ByteWriter().name('env').name('memory').byte(2).byte(1).u32(pages).u32(pageSize).finish();
  sections.set('import', appendEntries(section(sections, 'import'), [limits]));

  const constants: [string, number][] = [['memory_pages', pages], ...Object.entries(image.addresses)];
  const globals = section(sections, 'global');
  const firstGlobal = new ByteReader(globals).u32();
  const added = constants.map(([, value]) =>
    new ByteWriter().byte(valueType.i32).byte(0).byte(op.i32Const).s64(BigInt(value)).byte(op.end).finish(),
  );
  sections.set('global', appendEntries(globals, added));

  const kept = keepExports(section(sections, 'export'), keep);
  const addressExports = constants.map(([name], index) =>
    new ByteWriter()
      .name(`at_${name}`)
      .byte(3)
      .u32(firstGlobal + index)
      .finish(),
  );
  sections.set('export', appendEntries(kept, addressExports));
  sections.set('data', writeDataSegments(nonZeroRuns(image.memory)));
  return writeSections(sections);
}

function keepExports(payload: Uint8Array, keep: readonly string[]): Uint8Array {
  const reader = new ByteReader(payload);
  const entries: Uint8Array[] = [];
  const missing = new Set(keep);
  for (let rest = reader.u32(); rest > 0; rest -= 1) {
    const from = reader.offset;
    const name = reader.name();
    reader.byte();
    reader.u32();
    if (missing.delete(name)) entries.push(payload.subarray(from, reader.offset));
  }
  if (missing.size > 0) throw new Error(`the engine does not export ${[...missing].join(', ')}`);
  return appendEntries(new Uint8Array([0]), entries);
}

function nonZeroRuns(memory: Uint8Array): DataSegment[] {
  const segments: DataSegment[] = [];
  let at = 0;
  while (at < memory.length) {
    while (memory[at] === 0) at += 1;
    if (at >= memory.length) break;
    const address = at;
    let end = at;
    for (; at < memory.length && at - end < shortestGap; at += 1) if (memory[at] !== 0) end = at + 1;
    segments.push({ address, bytes: memory.subarray(address, end) });
  }
  return segments;
}
