/**
 * What the host uses of the engine's WebAssembly exports. Values of the guest are addresses of 8-byte cells in its
 * memory; 0 means that even the cell could not be allocated. Text is an address and a length in bytes.
 */
export interface EngineExports {
  __stack_pointer: WebAssembly.Global<'i32'>;
  /** Gas left. Below zero the engine has trapped or will at its next step. */
  gas: WebAssembly.Global<'i64'>;
  /** How often the guest's memory was refused to grow. */
  grow_refusals: WebAssembly.Global<'i32'>;
  /** How often the engine itself raised "out of memory". */
  message_0: WebAssembly.Global<'i32'>;
  /** How often the engine itself raised "Maximum call stack size exceeded". */
  message_1: WebAssembly.Global<'i32'>;
  /** How often the engine itself raised "stack overflow". */
  message_2: WebAssembly.Global<'i32'>;

  at_memory_pages: WebAssembly.Global<'i32'>;
  /** 64 bytes for the host's use. */
  at_scratch: WebAssembly.Global<'i32'>;
  at_file_name: WebAssembly.Global<'i32'>;
  at_undefined: WebAssembly.Global<'i32'>;
  /** The 64-bit state of Math.random; must not be 0. */
  at_random: WebAssembly.Global<'i32'>;
  at_run: WebAssembly.Global<'i32'>;
  at_describe: WebAssembly.Global<'i32'>;
  at_untilTimer: WebAssembly.Global<'i32'>;
  at_fireTimer: WebAssembly.Global<'i32'>;
  at_passTime: WebAssembly.Global<'i32'>;
  at_settle: WebAssembly.Global<'i32'>;
  at_allowEval: WebAssembly.Global<'i32'>;

  wasm_malloc(bytes: number): number;
  wasm_free(address: number): void;
  qjs_set_memory_limit(bytes: number): void;
  qjs_set_max_stack_size(bytes: number): void;
  /** Heap size at which cyclic garbage is looked for; grows by half after each search. */
  qjs_set_gc_threshold(bytes: number): void;
  qjs_get_context_ptr(): number;

  qjs_eval(code: number, length: number, fileName: number, flags: number): number;
  /** Runs a compiled script. Takes and gives values themselves, not addresses. */
  JS_EvalFunction(context: number, compiled: bigint): bigint;
  /** The exports of an evaluated module. */
  JS_GetModuleNamespace(context: number, module: number): bigint;
  qjs_call(callee: number, self: number, count: number, values: number): number;

  qjs_is_exception(value: number): number;
  qjs_get_exception(): number;
  qjs_is_job_pending(): number;
  /** Below zero when the job threw. */
  qjs_execute_pending_job(): number;
  /** 0 pending, 1 fulfilled, 2 rejected. */
  qjs_promise_state(promise: number): number;
  qjs_promise_result(promise: number): number;
  qjs_promise_mark_as_handled(promise: number): void;

  qjs_new_string(text: number, length: number): number;
  qjs_new_number(value: number): number;
  qjs_get_true(): number;
  qjs_get_false(): number;
  qjs_get_float64(value: number): number;
  /** Text of a value in UTF-8; its length is written to `lengthOut`. 0 with an exception pending when that failed. */
  qjs_get_string_len(value: number, lengthOut: number): number;
  qjs_free_cstring(text: number): void;
  qjs_get_value_ptr(value: number): number;
  qjs_free_value(value: number): void;
}
