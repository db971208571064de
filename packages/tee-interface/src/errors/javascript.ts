/** Codes of running user functions. The class of a failure is decided by the host of the sandbox, never by guest text. */
export const javascriptErrors = {
  ERR_JS_USER: 'The function threw, or is not there.',
  ERR_JS_SYNTAX: 'The source is not valid JavaScript.',
  ERR_JS_TIMEOUT: 'The function ran longer than its wall-clock limit.',
  ERR_JS_GAS: 'The function used up its gas.',
  ERR_JS_MEMORY: 'The function needed more memory than its limit.',
  ERR_JS_STACK: 'The function recursed deeper than its stack limit.',
  ERR_JS_OUTPUT_LIMIT: 'The result is larger than its limit.',
  ERR_JS_NOT_SERIALIZABLE: 'The result holds a value that JSON cannot carry; the path to it is named.',
  ERR_JS_NEVER_SETTLED: 'The promise that main returned can never settle: nothing is left that could do it.',
  ERR_JS_CAPABILITY_DENIED: 'The function used a capability that it was not granted.',
  ERR_JS_ENGINE_LOST: 'The engine running the function died; other calls are not affected.',
  ERR_JS_ENGINE_MISSING: 'The engine that the call asks for is not installed.',
  ERR_JS_ABORTED: 'The caller gave the call up before it ended.',
} as const;
