import { ByteReader } from './byte-reader.ts';
import { type Sections, section } from './sections.ts';

/** What a rewriter must know of a module's index spaces before it may add to them. */
export interface IndexSpaces {
  /** Number of globals, imported ones included: the index of the next one. */
  globals: number;
  /** Number of parameters of each function that the module defines, in the order of the code section. */
  parameters: number[];
}

/** Counts globals and parameters. Imported globals, tables and memories are refused: the engine has none. */
export function readIndexSpaces(sections: Sections): IndexSpaces {
  const types = readParameterCounts(section(sections, 'type'));
  const imports = new ByteReader(section(sections, 'import'));
  for (let rest = imports.u32(); rest > 0; rest -= 1) {
    imports.name();
    imports.name();
    if (imports.byte() !== 0) throw new Error('only functions may be imported');
    imports.u32();
  }
  const functions = new ByteReader(section(sections, 'function'));
  const parameters: number[] = [];
  for (let rest = functions.u32(); rest > 0; rest -= 1) {
    const count = types[functions.u32()];
    if (count === undefined) throw new Error('function of an unknown type');
    parameters.push(count);
  }
  return { globals: new ByteReader(section(sections, 'global')).u32(), parameters };
}

function readParameterCounts(payload: Uint8Array): number[] {
  const reader = new ByteReader(payload);
  const counts: number[] = [];
  for (let rest = reader.u32(); rest > 0; rest -= 1) {
    if (reader.byte() !== 0x60) throw new Error('unsupported type');
    const parameters = reader.u32();
    reader.skip(parameters);
    reader.skip(reader.u32());
    counts.push(parameters);
  }
  return counts;
}
