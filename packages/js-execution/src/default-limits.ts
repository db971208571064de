/** What one call may use. Every limit really stops the function; none is a hint. */
export interface JavaScriptLimits {
  /** Wall-clock milliseconds, evaluation of the source and writing the result included. Generous by intent: gas is the contract. */
  timeoutMs: number;
  /** Bytes of guest heap: objects, strings, typed arrays, input and result. */
  memoryBytes: number;
  /** Gas units: loop iterations and function entries of the engine, the same on every machine (about 300,000 per ms). */
  gas: number;
  /** Bytes of native stack for the guest's recursion. */
  stackBytes: number;
  /** Bytes of the result as JSON in UTF-8. */
  resultBytes: number;
  /** Bytes of captured console output; lines beyond are counted and dropped. */
  logBytes: number;
  /** Requests to the host: http, storage, random. */
  hostCalls: number;
  /** Bytes of all those requests and their answers together. */
  hostCallBytes: number;
}

const kib = 1024;
const mib = 1024 * kib;

/** The limits of a call that asks for none: 5 s, 64 MiB, 10⁹ gas, 256 KiB stack, 1 MiB result, 64 KiB log, 64 host calls of 4 MiB. */
export const defaultJavaScriptLimits: Readonly<JavaScriptLimits> = {
  timeoutMs: 5_000,
  memoryBytes: 64 * mib,
  gas: 1_000_000_000,
  stackBytes: 256 * kib,
  resultBytes: mib,
  logBytes: 64 * kib,
  hostCalls: 64,
  hostCallBytes: 4 * mib,
};
