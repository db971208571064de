import { TeeError } from '@neo-service-layer/tee-interface';

/** Random access to the bytes of a file; returns fewer bytes than asked for at its end. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** What the loader needs to know of an ELF file. */
export interface ElfFile {
  /** `dyn` covers shared libraries and position-independent programs; Occlum loads only these (occlum-contract §5). */
  readonly type: 'rel' | 'exec' | 'dyn' | 'core' | 'other';
  /** e_machine; 62 is x86-64. */
  readonly machine: number;
  /** PT_INTERP: the program interpreter, or null for a library or a static program. */
  readonly interpreter: string | null;
  /** DT_NEEDED, in order. */
  readonly needed: readonly string[];
  /** DT_RPATH and DT_RUNPATH, split at colons, `$ORIGIN` not yet replaced. */
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  readonly soname: string | null;
}

const types: Readonly<Record<number, ElfFile['type']>> = { 1: 'rel', 2: 'exec', 3: 'dyn', 4: 'core' };
const segment = { load: 1, dynamic: 2, interp: 3 } as const;
const tag = { needed: 1n, strtab: 5n, soname: 14n, rpath: 15n, runpath: 29n } as const;

const headerBytes = 64;
const segmentBytes = 56;
const maxSegments = 1024;
const maxDynamicBytes = 1 << 20;
const maxString = 4096;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

/** True when the bytes begin like an ELF file. */
export function isElf(start: Uint8Array): boolean {
  return start.length >= 4 && start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
}

/**
 * Parses the parts of an ELF64 little-endian file that decide how it is loaded (System V gABI, chapters 4 and 5).
 * Reads program headers and the dynamic section only: a stripped file has no section headers.
 *
 * Does not check that the code is sound, nor that what it needs exists.
 *
 * @throws TeeError ERR_OCCLUM_ELF
 */
export function parseElf(source: ByteSource): ElfFile {
  const header = view(source, 0, headerBytes, 'header');
  if (!isElf(new Uint8Array(header.buffer, header.byteOffset, 4))) throw broken('it does not begin with the ELF magic');
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1) throw broken('it is not 64-bit little-endian');
  const segments = readSegments(source, header);

  const interp = segments.find(({ type }) => type === segment.interp);
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  const entries = dynamic === undefined ? [] : readDynamic(source, dynamic);
  const strings = entries.find((entry) => entry.tag === tag.strtab);
  const table = strings === undefined ? undefined : fileOffset(segments, Number(strings.value));
  const named = (wanted: bigint): string[] =>
    entries
      .filter((entry) => entry.tag === wanted)
      .map((entry) => {
        if (table === undefined) throw broken('its dynamic string table lies in no segment');
        return readString(source, table + Number(entry.value));
      });
  const paths = (wanted: bigint): string[] => named(wanted).flatMap((list) => list.split(':').filter(Boolean));
  return {
    type: types[header.getUint16(16, true)] ?? 'other',
    machine: header.getUint16(18, true),
    interpreter: interp === undefined ? null : readString(source, interp.offset),
    needed: named(tag.needed),
    rpath: paths(tag.rpath),
    runpath: paths(tag.runpath),
    soname: named(tag.soname)[0] ?? null,
  };
}

function readSegments(source: ByteSource, header: DataView): Segment[] {
  const offset = asNumber(header.getBigUint64(32, true));
  const size = header.getUint16(54, true);
  const count = header.getUint16(56, true);
  if (count === 0) return [];
  if (size !== segmentBytes || count > maxSegments)
    throw broken(`its ${count} program headers have ${size} bytes each`);
  const table = view(source, offset, size * count, 'program headers');
  return Array.from({ length: count }, (_, index) => {
    const at = index * segmentBytes;
    return {
      type: table.getUint32(at, true),
      offset: asNumber(table.getBigUint64(at + 8, true)),
      address: asNumber(table.getBigUint64(at + 16, true)),
      fileSize: asNumber(table.getBigUint64(at + 32, true)),
    };
  });
}

function readDynamic(source: ByteSource, { offset, fileSize }: Segment): { tag: bigint; value: bigint }[] {
  if (fileSize > maxDynamicBytes) throw broken(`its dynamic section has ${fileSize} bytes`);
  const table = view(source, offset, fileSize, 'dynamic section');
  const entries: { tag: bigint; value: bigint }[] = [];
  for (let at = 0; at + 16 <= fileSize; at += 16) {
    const entry = { tag: table.getBigUint64(at, true), value: table.getBigUint64(at + 8, true) };
    if (entry.tag === 0n) break;
    entries.push(entry);
  }
  return entries;
}

function fileOffset(segments: readonly Segment[], address: number): number | undefined {
  const home = segments.find(
    ({ type, address: start, fileSize }) => type === segment.load && address >= start && address < start + fileSize,
  );
  return home === undefined ? undefined : address - home.address + home.offset;
}

function readString(source: ByteSource, offset: number): string {
  if (!Number.isSafeInteger(offset) || offset >= source.size) throw broken('a name lies beyond its end');
  const bytes = source.read(offset, maxString);
  const end = bytes.indexOf(0);
  if (end < 0) throw broken('a name does not end');
  return Buffer.from(bytes.subarray(0, end)).toString('utf8');
}

function view(source: ByteSource, offset: number, length: number, what: string): DataView {
  if (offset + length > source.size) throw broken(`its ${what} lies beyond its end`);
  const bytes = source.read(offset, length);
  if (bytes.length < length) throw broken(`its ${what} lies beyond its end`);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

function asNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('an offset is too large');
  return Number(value);
}

function broken(problem: string): TeeError {
  return new TeeError('ERR_OCCLUM_ELF', `not a readable ELF file: ${problem}`, {
    expected: 'a 64-bit little-endian ELF file',
  });
}
