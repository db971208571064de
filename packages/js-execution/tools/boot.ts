/** Imports and exports of the engine that booting needs; the shapes are those of quickjs-wasi 3.6.2's C interface. */
interface BootExports {
  memory: WebAssembly.Memory;
  __stack_pointer: WebAssembly.Global<'i32'>;
  gas: WebAssembly.Global<'i64'>;
  _initialize(): void;
  qjs_init2(intrinsics: number): number;
  qjs_set_interrupt_handler(enable: number): void;
  qjs_set_promise_rejection_handler(enable: number): void;
  qjs_set_module_loader(enable: number): void;
  qjs_new_host_function(name: number, nameLength: number, argumentCount: number): number;
  qjs_eval(code: number, length: number, fileName: number, flags: number): number;
  qjs_call(callee: number, self: number, count: number, values: number): number;
  qjs_get_undefined(): number;
  qjs_get_prop_string(object: number, name: number): number;
  qjs_is_exception(value: number): number;
  qjs_is_function(value: number): number;
  qjs_get_exception(): number;
  qjs_get_string_len(value: number, lengthOut: number): number;
  qjs_free_value(value: number): void;
  qjs_run_gc(): void;
  wasm_malloc(size: number): number;
  wasm_free(pointer: number): void;
}

/** One file of the prelude: a function of `shared` and `host` (tools/guest/captured.js). */
export interface PreludeFile {
  name: string;
  source: string;
}

/** A booted engine: its memory, and where the host finds things in it. */
export interface BootImage {
  memory: Uint8Array;
  /** The native stack lies below this address, and nothing else does. */
  stackAtRest: number;
  /** Addresses by name; each is exported from the engine as a constant. */
  addresses: Record<string, number>;
}

/** Everything but performance.now (bit 10), a clock that is finer than a guest needs. */
const intrinsics = 0xffff_ffff & ~(1 << 10);
const entryPoints = ['run', 'describe', 'untilTimer', 'fireTimer', 'passTime', 'settle', 'allowEval'];
/** Flag of qjs_eval. */
const strictMode = 1 << 3;
const freeHeap = 256 * 1024;
const bootGas = 1n << 40n;

/**
 * Starts the metered engine once, evaluates the prelude in it and takes its memory. Clock, time zone and entropy are
 * fixed, so that every build makes the same image; a call gets its own before guest code runs.
 */
export async function boot(wasm: Uint8Array<ArrayBuffer>, prelude: readonly PreludeFile[]): Promise<BootImage> {
  const { instance } = await WebAssembly.instantiate(
    wasm,
    bootImports(() => bytes()),
  );
  const engine = instance.exports as object as BootExports;
  const bytes = () => new Uint8Array(engine.memory.buffer);
  const put = (text: string): { address: number; length: number } => {
    const encoded = new TextEncoder().encode(text);
    const address = engine.wasm_malloc(encoded.length + 1);
    bytes().set([...encoded, 0], address);
    return { address, length: encoded.length };
  };
  const checked = (value: number, what: string): number => {
    if (engine.qjs_is_exception(value) === 0) return value;
    const text = engine.qjs_get_string_len(engine.qjs_get_exception(), scratch);
    const length = new DataView(engine.memory.buffer).getUint32(scratch, true);
    throw new Error(`${what}: ${new TextDecoder().decode(bytes().subarray(text, text + length))}`);
  };

  const evaluate = (source: string, what: string): number => {
    const code = put(source);
    const value = checked(engine.qjs_eval(code.address, code.length, preludeName.address, strictMode), what);
    engine.wasm_free(code.address);
    return value;
  };

  engine.gas.value = bootGas;
  engine._initialize();
  const stackAtRest = engine.__stack_pointer.value;
  if (engine.qjs_init2(intrinsics) !== 0) throw new Error('the engine did not start');
  engine.qjs_set_interrupt_handler(1);
  engine.qjs_set_promise_rejection_handler(1);
  engine.qjs_set_module_loader(1);

  const scratch = engine.wasm_malloc(64);
  const fileName = put('main.js').address;
  const none = engine.qjs_get_undefined();
  const host = put('host');
  const preludeName = put('<sandbox>');
  const hostFunction = engine.qjs_new_host_function(host.address, host.length, 3);
  const shared = evaluate('({ __proto__: null })', 'shared');
  for (const { name, source } of prelude) {
    const factory = evaluate(source, name);
    const values = new DataView(engine.memory.buffer);
    values.setUint32(scratch, shared, true);
    values.setUint32(scratch + 4, hostFunction, true);
    engine.qjs_free_value(checked(engine.qjs_call(factory, none, 2, scratch), name));
    engine.qjs_free_value(factory);
  }

  const addresses: Record<string, number> = { scratch, file_name: fileName, undefined: none };
  for (const name of entryPoints) {
    const text = put(name);
    const value = checked(engine.qjs_get_prop_string(shared, text.address), name);
    if (engine.qjs_is_function(value) === 0) throw new Error(`the prelude has no entry point ${name}`);
    addresses[name] = value;
    engine.wasm_free(text.address);
  }
  for (const value of [shared, hostFunction]) engine.qjs_free_value(value);
  for (const text of [host, preludeName]) engine.wasm_free(text.address);
  const draw = put('Math.random()');
  const drawOnce = (): void => engine.qjs_free_value(engine.qjs_eval(draw.address, draw.length, fileName, 0));
  addresses['random'] = findRandomState(bytes, drawOnce);
  engine.wasm_free(draw.address);
  engine.qjs_run_gc();
  // Free heap for a call of usual size: an instance whose memory has grown cannot be used again.
  engine.wasm_free(engine.wasm_malloc(freeHeap));
  if (engine.__stack_pointer.value !== stackAtRest) throw new Error('booting left something on the native stack');
  const memory = bytes().slice();
  // What booting left on the stack below its resting place is dead; as zeroes it makes the image smaller and a reset faster.
  memory.fill(0, 0, stackAtRest);
  return { memory, stackAtRest, addresses };
}

/**
 * Where the engine keeps the state of Math.random: the one 64-bit cell that drawing a number advances by a step of
 * xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled"). The host seeds it.
 */
function findRandomState(bytes: () => Uint8Array, draw: () => void): number {
  draw();
  const before = new DataView(bytes().slice().buffer);
  draw();
  const after = new DataView(bytes().slice().buffer);
  const found: number[] = [];
  for (let at = 0; at < before.byteLength; at += 8) {
    let state = before.getBigUint64(at, true);
    if (state === after.getBigUint64(at, true)) continue;
    state ^= state >> 12n;
    state ^= BigInt.asUintN(64, state << 25n);
    state ^= state >> 27n;
    if (state === after.getBigUint64(at, true)) found.push(at);
  }
  const [only] = found;
  if (only === undefined || found.length !== 1) throw new Error(`${found.length} cells look like the random state`);
  return only;
}

function bootImports(bytes: () => Uint8Array): WebAssembly.Imports {
  const refuse = (name: string) => () => {
    throw new Error(`${name} was called while booting`);
  };
  const zeroes = (address: number, length: number): number => {
    bytes().fill(0, address, address + length);
    return 0;
  };
  return {
    env: {
      host_get_timezone_offset: () => 0,
      host_interrupt: () => 0,
      host_promise_rejection: refuse('host_promise_rejection'),
      host_module_normalize: refuse('host_module_normalize'),
      host_module_load: refuse('host_module_load'),
      host_call: refuse('host_call'),
    },
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, address: number) => zeroes(address, 8),
      random_get: zeroes,
      fd_write: refuse('fd_write'),
      fd_close: refuse('fd_close'),
      fd_fdstat_get: refuse('fd_fdstat_get'),
      fd_seek: refuse('fd_seek'),
    },
  };
}
