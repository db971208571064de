import { ByteReader } from './wasm/byte-reader.ts';
import { ByteWriter } from './wasm/byte-writer.ts';
import { addressOfText, readDataSegments } from './wasm/data-segments.ts';
import { readIndexSpaces } from './wasm/functions.ts';
import { bulkOp, emptyBlock, type Instruction, op, readInstruction, valueType } from './wasm/instructions.ts';
import { appendEntries, readSections, section, writeSections } from './wasm/sections.ts';

/** Where the counters are found that {@link meter} adds: indices of mutable globals. */
export interface Counters {
  /** i64: what may still be spent; the module traps when it would fall below zero. */
  gas: number;
  /** i32: how often memory.grow was refused. */
  growRefusals: number;
  /** i32 each: how often the engine took up one of its own messages, in the order of `messages`. */
  messages: number[];
}

/** A metered module and what was done to it. */
export interface Metered {
  wasm: Uint8Array;
  counters: Counters;
  /** Points at which gas is charged. */
  points: number;
}

interface FunctionPlan {
  parameters: number;
  marks: ReadonlyMap<number, number>;
  counters: Counters;
  free: boolean;
}

/**
 * Rewrites a module so that it counts its own steps. Price table: 1 for each entry of a function that can loop or
 * call, 1 for each iteration of a loop, and 1 per 64 bytes of a bulk copy or fill. A function without loop and call
 * is paid for by its caller, whose straight-line code bounds it. Below zero the module traps, which nothing inside it
 * can catch.
 *
 * It also counts two kinds of facts for the host: refused memory.grow, and the uses of the engine's own message
 * constants (`messages`), by which "the engine ran out of memory" is told from "the guest threw such a text".
 *
 * The counters are exported as `gas`, `grow_refusals` and `message_0` …; gas starts at 0, so a host that forgets to
 * set it runs nothing.
 *
 * @param options.free leaves the charges out and all else in: the twin against which the cost of metering is measured
 */
export function meter(wasm: Uint8Array, messages: readonly string[], options: { free?: boolean } = {}): Metered {
  const { free = false } = options;
  const sections = readSections(wasm);
  const spaces = readIndexSpaces(sections);
  const counters: Counters = {
    gas: spaces.globals,
    growRefusals: spaces.globals + 1,
    messages: messages.map((_, index) => spaces.globals + 2 + index),
  };
  const segments = readDataSegments(section(sections, 'data'));
  const marks = new Map(messages.map((text, index) => [addressOfText(segments, text), spaces.globals + 2 + index]));

  const code = new ByteReader(section(sections, 'code'));
  const rewritten = new ByteWriter().u32(code.u32());
  const used = new Set<number>();
  let points = 0;
  for (const parameters of spaces.parameters) {
    const body = new FunctionMeter(code.take(code.u32()), { parameters, marks, counters, free }, used);
    rewritten.sized(body.rewrite());
    points += body.points;
  }
  for (const [address, counter] of marks) {
    if (!used.has(address)) throw new Error(`no code takes up message ${counter} at ${address}`);
  }

  sections.set('code', rewritten.finish());
  const added = [
    newGlobal(valueType.i64, op.i64Const),
    ...[0, ...messages].map(() => newGlobal(valueType.i32, op.i32Const)),
  ];
  sections.set('global', appendEntries(section(sections, 'global'), added));
  const names = ['gas', 'grow_refusals', ...messages.map((_, index) => `message_${index}`)];
  const exports = names.map((name, index) =>
    new ByteWriter()
      .name(name)
      .byte(3)
      .u32(spaces.globals + index)
      .finish(),
  );
  sections.set('export', appendEntries(section(sections, 'export'), exports));
  return { wasm: writeSections(sections), counters, points };
}

function newGlobal(type: number, constant: number): Uint8Array {
  return new ByteWriter().byte(type).byte(1).byte(constant).byte(0).byte(op.end).finish();
}

/** Rewrites the body of one function. */
class FunctionMeter {
  readonly #body: ByteReader;
  readonly #plan: FunctionPlan;
  readonly #usedMarks: Set<number>;
  readonly #output = new ByteWriter();
  /** Index of the added i64 local; the added i32 local follows it. */
  #rest = 0;
  points = 0;

  constructor(body: Uint8Array, plan: FunctionPlan, usedMarks: Set<number>) {
    this.#body = new ByteReader(body);
    this.#plan = plan;
    this.#usedMarks = usedMarks;
  }

  rewrite(): Uint8Array {
    this.#copyLocals();
    const start = this.#body.offset;
    if (this.#canLoopOrCall()) this.#charge();
    this.#body.offset = start;
    while (!this.#body.done) this.#copyInstruction();
    return this.#output.finish();
  }

  #copyLocals(): void {
    const groups = this.#body.u32();
    const from = this.#body.offset;
    let count = this.#plan.parameters;
    for (let rest = groups; rest > 0; rest -= 1) {
      count += this.#body.u32();
      this.#body.byte();
    }
    this.#rest = count;
    this.#output.u32(groups + 2).put(this.#body.bytes.subarray(from, this.#body.offset));
    this.#output.u32(1).byte(valueType.i64).u32(1).byte(valueType.i32);
  }

  #canLoopOrCall(): boolean {
    while (!this.#body.done) {
      const { opcode } = readInstruction(this.#body);
      if (opcode === op.loop || opcode === op.call || opcode === op.callIndirect) return true;
    }
    return false;
  }

  #copyInstruction(): void {
    const from = this.#body.offset;
    const instruction = readInstruction(this.#body);
    if (instruction.bulk === bulkOp.memoryCopy || instruction.bulk === bulkOp.memoryFill) this.#chargeBulk();
    this.#output.put(this.#body.bytes.subarray(from, this.#body.offset));
    this.#addAfter(instruction);
  }

  #addAfter({ opcode, constant }: Instruction): void {
    const { counters, marks } = this.#plan;
    if (opcode === op.loop) {
      this.#charge();
    } else if (opcode === op.memoryGrow) {
      this.#output
        .byte(op.localTee)
        .u32(this.#rest + 1)
        .byte(op.i32Const)
        .s64(-1n)
        .byte(op.i32Eq);
      this.#output.byte(op.globalGet).u32(counters.growRefusals).byte(op.i32Add);
      this.#output
        .byte(op.globalSet)
        .u32(counters.growRefusals)
        .byte(op.localGet)
        .u32(this.#rest + 1);
    } else if (constant !== null) {
      const counter = marks.get(constant);
      if (counter === undefined) return;
      this.#usedMarks.add(constant);
      this.#output.byte(op.globalGet).u32(counter).byte(op.i32Const).s64(1n).byte(op.i32Add);
      this.#output.byte(op.globalSet).u32(counter);
    }
  }

  /** Takes 1 from the gas and traps below zero. Leaves the operand stack as it was. */
  #charge(): void {
    if (this.#plan.free) return;
    const { gas } = this.#plan.counters;
    this.points += 1;
    this.#output.byte(op.globalGet).u32(gas).byte(op.i64Const).s64(1n).byte(op.i64Sub);
    this.#output.byte(op.localTee).u32(this.#rest).byte(op.globalSet).u32(gas);
    this.#output.byte(op.localGet).u32(this.#rest).byte(op.i64Const).s64(0n).byte(op.i64LtS);
    this.#output.byte(op.if).byte(emptyBlock).byte(op.unreachable).byte(op.end);
  }

  /** Takes length / 64 from the gas before a bulk copy or fill; the next point finds out whether that was too much. */
  #chargeBulk(): void {
    if (this.#plan.free) return;
    const { gas } = this.#plan.counters;
    this.points += 1;
    this.#output.byte(op.localTee).u32(this.#rest + 1);
    this.#output
      .byte(op.globalGet)
      .u32(gas)
      .byte(op.localGet)
      .u32(this.#rest + 1)
      .byte(op.i64ExtendI32U);
    this.#output.byte(op.i64Const).s64(6n).byte(op.i64ShrU).byte(op.i64Sub).byte(op.globalSet).u32(gas);
  }
}
