import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** Section ids of the binary format, in the order in which a module must hold them. */
const sectionIds = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  dataCount: 12,
  code: 10,
  data: 11,
} as const;

export type SectionName = keyof typeof sectionIds;

const order = Object.keys(sectionIds) as SectionName[];
const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A module as a map from section name to the bytes of its payload. Custom sections carry no meaning and are left out. */
export type Sections = Map<SectionName, Uint8Array>;

/** Splits a module into its sections. Checks the frame of the format only, not what the sections hold. */
export function readSections(wasm: Uint8Array): Sections {
  const reader = new ByteReader(wasm);
  if (!preamble.every((byte) => reader.byte() === byte)) throw new Error('not a WebAssembly 1.0 module');
  const sections: Sections = new Map();
  while (!reader.done) {
    const id = reader.byte();
    const payload = reader.take(reader.u32());
    if (id === 0) continue;
    const name = order.find((candidate) => sectionIds[candidate] === id);
    if (name === undefined || sections.has(name)) throw new Error(`unexpected section ${id}`);
    sections.set(name, payload);
  }
  return sections;
}

/** Joins sections to a module again. */
export function writeSections(sections: Sections): Uint8Array {
  const writer = new ByteWriter().put(preamble);
  for (const name of order) {
    const payload = sections.get(name);
    if (payload !== undefined) writer.byte(sectionIds[name]).sized(payload);
  }
  return writer.finish();
}

/** The payload of a section that must be there. */
export function section(sections: Sections, name: SectionName): Uint8Array {
  const payload = sections.get(name);
  if (payload === undefined) throw new Error(`the module has no ${name} section`);
  return payload;
}

/** A section that is a vector: its entries stay as they are, others are added behind them. */
export function appendEntries(payload: Uint8Array, entries: readonly Uint8Array[]): Uint8Array {
  const reader = new ByteReader(payload);
  const count = reader.u32();
  const writer = new ByteWriter().u32(count + entries.length).put(payload.subarray(reader.offset));
  for (const entry of entries) writer.put(entry);
  return writer.finish();
}

/** Adds a custom section, which engines skip and hosts can read by its name. */
export function addCustomSection(wasm: Uint8Array, name: string, payload: Uint8Array): Uint8Array {
  const content = new ByteWriter().name(name).put(payload).finish();
  return new ByteWriter().put(wasm).byte(0).sized(content).finish();
}
