import type { ByteReader } from './byte-reader.ts';

/** Opcodes that the tools look at or write. */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eq: 0x46,
  i64LtS: 0x53,
  i32Add: 0x6a,
  i64Sub: 0x7d,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  bulk: 0xfc,
} as const;

export const valueType = { i32: 0x7f, i64: 0x7e } as const;

/** The block type of a block without parameters and results. */
export const emptyBlock = 0x40;

/** Second opcodes behind {@link op.bulk}. */
export const bulkOp = { memoryInit: 8, dataDrop: 9, memoryCopy: 10, memoryFill: 11 } as const;

/** One instruction as the rewriter needs it. */
export interface Instruction {
  opcode: number;
  /** Second opcode of a bulk instruction. */
  bulk: number | null;
  /** The constant of i32.const, unsigned. */
  constant: number | null;
}

/**
 * Reads one instruction with its immediates. Knows the instructions of WebAssembly 1.0 with sign extension, saturating
 * conversion, bulk memory and multi-value; anything else (SIMD, threads, exceptions) is refused, because a rewriter
 * that guesses lengths corrupts silently.
 */
export function readInstruction(reader: ByteReader): Instruction {
  const opcode = reader.byte();
  const instruction: Instruction = { opcode, bulk: null, constant: null };
  if (opcode === op.bulk) {
    instruction.bulk = readBulk(reader);
  } else if (opcode === op.i32Const) {
    instruction.constant = Number(BigInt.asUintN(32, reader.s64()));
  } else if (opcode === op.block || opcode === op.loop || opcode === op.if || opcode === op.i64Const) {
    reader.s64();
  } else if (opcode === 0x0e) {
    for (let labels = reader.u32() + 1; labels > 0; labels -= 1) reader.u32();
  } else if (opcode === 0x0c || opcode === 0x0d || opcode === op.call || (opcode >= 0x20 && opcode <= 0x26)) {
    reader.u32();
  } else if (opcode === op.callIndirect || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.u32();
    reader.u32();
  } else if (opcode === 0x3f || opcode === op.memoryGrow) {
    reader.byte();
  } else if (opcode === 0x43) {
    reader.skip(4);
  } else if (opcode === 0x44) {
    reader.skip(8);
  } else if (!hasNoImmediate(opcode)) {
    throw new Error(`unknown opcode 0x${opcode.toString(16)} at offset ${reader.offset - 1}`);
  }
  return instruction;
}

function readBulk(reader: ByteReader): number {
  const second = reader.u32();
  if (second === bulkOp.memoryCopy) reader.skip(2);
  else if (second === bulkOp.memoryFill) reader.skip(1);
  else if (second > 7) throw new Error(`unknown bulk opcode ${second} at offset ${reader.offset}`);
  return second;
}

/** unreachable, nop, else, end, return, drop, select, and everything numeric up to the sign extensions. */
function hasNoImmediate(opcode: number): boolean {
  const control = opcode <= 0x01 || opcode === op.else || opcode === op.end || opcode === 0x0f;
  return control || opcode === 0x1a || opcode === 0x1b || (opcode >= 0x45 && opcode <= 0xc4);
}
