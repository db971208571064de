/** The functions of the engine that the host calls (src/engine/engine-exports.ts), and the counters. */
export const keptExports = [
  ...['__stack_pointer', 'gas', 'grow_refusals', 'message_0', 'message_1', 'message_2'],
  ...['wasm_malloc', 'wasm_free', 'qjs_set_memory_limit', 'qjs_set_max_stack_size', 'qjs_set_gc_threshold'],
  ...['qjs_eval', 'qjs_call'],
  ...[
    'JS_EvalFunction',
    'JS_GetModuleNamespace',
    'qjs_get_context_ptr',
    'qjs_is_exception',
    'qjs_get_exception',
    'qjs_free_value',
  ],
  ...['qjs_new_string', 'qjs_new_number', 'qjs_get_float64', 'qjs_get_string_len', 'qjs_free_cstring'],
  ...['qjs_is_job_pending', 'qjs_execute_pending_job', 'qjs_promise_state', 'qjs_promise_result'],
  ...['qjs_promise_mark_as_handled', 'qjs_get_value_ptr', 'qjs_get_true', 'qjs_get_false'],
];

/** Messages whose use by the engine itself is a fact for the host: out of memory, and two kinds of stack overflow. */
export const countedMessages = ['out of memory', 'Maximum call stack size exceeded', 'stack overflow'];

/** The files of the prelude, in tools/guest, in the order in which they are evaluated. */
export const preludeFiles = [
  ...['captured.js', 'serialize.js', 'describe.js', 'console.js', 'clone.js', 'encoding.js', 'capabilities.js'],
  ...['requests.js', 'url.js', 'realm.js', 'entry.js'],
];

/** The prelude of the engine `v8-isolate`: the same files, between what V8 lacks and what its host needs. */
export const isolatePreludeFiles = [
  ...['isolate-shims.js', 'isolate-clock.js', 'isolate-bridge.js'],
  ...[...preludeFiles, 'isolate-entry.js'],
];
