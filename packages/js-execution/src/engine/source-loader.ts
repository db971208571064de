import type { Verdict } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';
import type { GuestEngine } from './guest-engine.ts';
import type { GuestExceptions } from './guest-exceptions.ts';
import { failure, texts } from './verdicts.ts';

/** Flags of qjs_eval. Compiling apart from running tells an error of syntax from a SyntaxError that was thrown. */
const compileOnly = 1 << 5;
const asModule = 1 << 0;

/** Compiles and evaluates a function's source, with nothing before it: lines and columns are the user's. */
export class SourceLoader {
  readonly #engine: GuestEngine;
  readonly #request: GuestCall;
  readonly #exceptions: GuestExceptions;
  readonly #settle: (promise: number) => Verdict | null;

  /** @param settle runs jobs until a promise is fulfilled (null), or says why it is not */
  constructor(
    engine: GuestEngine,
    request: GuestCall,
    exceptions: GuestExceptions,
    settle: (promise: number) => Verdict | null,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#exceptions = exceptions;
    this.#settle = settle;
  }

  /** @returns the address of the module namespace (of `undefined` for a script), or why the source did not load */
  load(): number | Verdict {
    const { exports } = this.#engine;
    const module = this.#request.kind === 'module';
    const source = new TextEncoder().encode(this.#request.code);
    const address = this.#engine.put(source);
    if (address === 0) return failure('ERR_JS_MEMORY', texts.memory);
    const flags = module ? compileOnly | asModule : compileOnly;
    const compiled = exports.qjs_eval(address, source.length, exports.at_file_name.value, flags);
    exports.wasm_free(address);
    if (compiled === 0) return failure('ERR_JS_MEMORY', texts.memory);
    if (exports.qjs_is_exception(compiled) !== 0) return this.#exceptions.pending('ERR_JS_SYNTAX');
    const value = this.#engine.cells.getBigInt64(compiled, true);
    const result = this.#keep(exports.JS_EvalFunction(exports.qjs_get_context_ptr(), value));
    if (result === 0) return failure('ERR_JS_MEMORY', texts.memory);
    if (exports.qjs_is_exception(result) !== 0) return this.#exceptions.pending('ERR_JS_USER');
    return module ? this.#namespace(result, value) : exports.at_undefined.value;
  }

  /** Waits for the module's top level, then takes its exports. The lower half of a module value is its address. */
  #namespace(promise: number, module: bigint): number | Verdict {
    const { exports } = this.#engine;
    const unsettled = this.#settle(promise);
    if (unsettled !== null) return unsettled;
    const address = Number(BigInt.asUintN(32, module));
    const namespace = this.#keep(exports.JS_GetModuleNamespace(exports.qjs_get_context_ptr(), address));
    if (namespace === 0) return failure('ERR_JS_MEMORY', texts.memory);
    return exports.qjs_is_exception(namespace) !== 0 ? this.#exceptions.pending('ERR_JS_USER') : namespace;
  }

  /** Puts a value into a cell of its own. */
  #keep(value: bigint): number {
    const cell = this.#engine.exports.wasm_malloc(8);
    if (cell !== 0) this.#engine.cells.setBigInt64(cell, value, true);
    return cell;
  }
}
