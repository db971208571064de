import { performance } from 'node:perf_hooks';
import type { Verdict } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { CallLog } from './call-log.ts';
import { CapabilityDesk } from './capability-desk.ts';
import type { HostPort } from './engine-imports.ts';
import type { GuestEngine } from './guest-engine.ts';
import { guestOperations as operation } from './guest-operations.ts';
import { HostRequests, type RequestLine } from './host-requests.ts';
import { MissingThings } from './missing-things.ts';
import { mainFile, resolveImport } from './module-files.ts';
import { StrayRejections } from './stray-rejections.ts';
import { failure, texts } from './verdicts.ts';

/** What the host's work for one console call costs, in gas; each further 16 characters of the message cost 1. */
const logPrice = 100;
/** The longest module name or specifier, in bytes. */
const longestName = 4_096;
/** The longest arguments of a capability, in bytes of JSON. */
const longestArguments = 8 * 1024 * 1024;

/** The host's side of one call: everything the guest can ask for or say while it runs. */
export class CallHost implements HostPort {
  readonly log: CallLog;
  readonly strays: StrayRejections;
  readonly desk: CapabilityDesk;
  readonly requests: HostRequests;
  /** What the guest looked for in vain. */
  readonly missing = new MissingThings();
  /** The result, or why there is none, once the prelude has told. */
  verdict: Verdict | null = null;
  timedOut = false;
  /** The guest has looked at the clock. */
  clockRead = false;
  readonly #engine: GuestEngine;
  readonly #request: GuestCallRequest;
  /** When the call must end, on the clock of performance.now. */
  readonly deadline: number;

  constructor(engine: GuestEngine, request: GuestCallRequest, deadline: number, line: RequestLine) {
    this.#engine = engine;
    this.#request = request;
    this.deadline = deadline;
    this.log = new CallLog(request.limits.logBytes);
    this.strays = new StrayRejections(engine.exports);
    this.desk = new CapabilityDesk(request.capabilities, (gas) => this.#spend(gas), request.limits);
    this.requests = new HostRequests(line);
  }

  now(): number {
    this.clockRead = true;
    return this.#request.nowMs;
  }

  shouldStop(): boolean {
    if (performance.now() > this.deadline) this.timedOut = true;
    return this.timedOut;
  }

  rejection(promise: number, reason: number, handled: boolean): void {
    this.strays.note(promise, reason, handled);
  }

  normalizeModule(base: number, specifier: number): number {
    const has = (name: string) =>
      name === (this.#request.mainFile ?? mainFile) || Object.hasOwn(this.#request.files, name);
    const [from, to] = [this.#name(base), this.#name(specifier)];
    const name = from === null || to === null ? null : resolveImport(from, to, has);
    if (name !== null) return this.#engine.put(new TextEncoder().encode(name));
    if (from !== null && to !== null) this.missing.import ??= { file: from, specifier: to };
    return 0;
  }

  loadModule(address: number, lengthOut: number): number {
    const name = this.#name(address);
    if (name === null || !Object.hasOwn(this.#request.files, name)) return 0;
    const source = new TextEncoder().encode(this.#request.files[name]);
    const at = this.#engine.put(source);
    this.#engine.cells.setUint32(lengthOut, source.length, true);
    return at;
  }

  operation(values: readonly number[]): number {
    const { exports } = this.#engine;
    const [kind = 0, first = 0, second = 0] = values;
    switch (exports.qjs_get_float64(kind)) {
      case operation.log:
        return this.#addLog(first, second);
      case operation.result: {
        const json = this.#engine.text(first, this.#request.limits.resultBytes);
        if (json === null) return 0;
        this.verdict =
          typeof json === 'string' ? { status: 'ok', json } : failure('ERR_JS_OUTPUT_LIMIT', texts.outputLimit);
        break;
      }
      case operation.notSerializable:
        this.verdict = this.#notSerializable(first, second);
        break;
      case operation.capability:
        return this.#answered(first, second, (name, given) => this.desk.answer(name, given));
      case operation.request:
        return this.#answered(first, second, (name, given) => this.desk.request(name, given, this.requests));
      case operation.missingSecret: {
        const name = this.#engine.text(first, longestName);
        if (typeof name === 'string') this.missing.noteSecret(name);
        break;
      }
      case operation.resultTooLong:
        this.verdict = failure('ERR_JS_OUTPUT_LIMIT', texts.outputLimit);
        break;
      case operation.noMain:
        this.verdict = failure('ERR_JS_USER', this.#request.kind === 'module' ? texts.noExport : texts.noMain);
        break;
    }
    return exports.qjs_get_false();
  }

  #notSerializable(first: number, second: number): Verdict {
    const path = this.#engine.text(first, longestName);
    const what = this.#engine.text(second, longestName);
    const refused = { path: typeof path === 'string' ? path : '', what: typeof what === 'string' ? what : '' };
    return { ...failure('ERR_JS_NOT_SERIALIZABLE', texts.notSerializable), refused };
  }

  /** @returns true to the guest when the log is full, so that it can save itself the formatting */
  #addLog(level: number, message: number): number {
    const { exports } = this.#engine;
    const { room } = this.log;
    const text = room < 0 ? 0 : this.#engine.text(message, room);
    if (text === null) return 0;
    const size = typeof text === 'string' ? text.length : 0;
    this.#spend(logPrice + (size >> 4));
    if (typeof text === 'string') this.log.add(exports.qjs_get_float64(level), text);
    else this.log.drop();
    return this.log.room < 0 ? exports.qjs_get_true() : exports.qjs_get_false();
  }

  /** @param ask gives null when the guest is about to trap */
  #answered(first: number, second: number, ask: (name: string, given: string) => string | null): number {
    const { exports } = this.#engine;
    const name = this.#engine.text(first, longestName);
    const given = this.#engine.text(second, longestArguments);
    if (name === null || given === null) return 0;
    const tooLong = JSON.stringify({ name: 'RangeError', message: 'the arguments are too long' });
    const whole = typeof name === 'string' && typeof given === 'string';
    const answer = whole ? ask(name, given) : tooLong;
    if (answer === null) return exports.qjs_get_false();
    const bytes = new TextEncoder().encode(answer);
    const address = this.#engine.put(bytes);
    const value = address === 0 ? 0 : exports.qjs_new_string(address, bytes.length);
    if (address !== 0) exports.wasm_free(address);
    return value === 0 ? exports.qjs_get_false() : value;
  }

  /** Takes gas for work of the host. False when it was not there: the guest traps at its next step. */
  #spend(gas: number): boolean {
    const { exports } = this.#engine;
    exports.gas.value -= BigInt(gas);
    return exports.gas.value >= 0n;
  }

  /** A NUL-terminated name in the guest's memory; null when it does not end in time. */
  #name(address: number): string | null {
    const { bytes } = this.#engine;
    const end = bytes.subarray(address, address + longestName).indexOf(0);
    return end < 0 ? null : new TextDecoder().decode(bytes.subarray(address, address + end));
  }
}
