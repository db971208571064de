import { TeeError } from '@neo-service-layer/tee-interface';

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

/** Smallest and largest value of each limit. Beyond 512 KiB the engine's own 1 MiB stack would not hold. */
const ranges: Record<keyof JavaScriptLimits, readonly [number, number]> = {
  timeoutMs: [1, 600_000],
  memoryBytes: [2 * mib, 1024 * mib],
  gas: [1, Number.MAX_SAFE_INTEGER],
  stackBytes: [32 * kib, 512 * kib],
  resultBytes: [2, 256 * mib],
  logBytes: [0, 16 * mib],
  hostCalls: [0, 10_000],
  hostCallBytes: [0, 256 * mib],
};

const names = Object.keys(ranges) as (keyof JavaScriptLimits)[];

/**
 * Fills the limits that were left out and checks those that were given.
 *
 * @param wanted limits of one call; unknown names are refused, so that a misspelt limit does not silently not limit
 * @param defaults what applies where `wanted` is silent
 * @throws TeeError ERR_INVALID_ARGUMENT for an unknown name or a value that is not an integer in its range
 */
export function resolveLimits(
  wanted: Partial<JavaScriptLimits>,
  defaults: Readonly<JavaScriptLimits>,
): JavaScriptLimits {
  const unknown = Object.keys(wanted).find((name) => !Object.hasOwn(ranges, name));
  if (unknown !== undefined) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `There is no limit "${unknown}".`, { expected: names.join(', ') });
  }
  const limits = { ...defaults };
  for (const name of names) {
    const value = wanted[name] ?? defaults[name];
    const [least, most] = ranges[name];
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new TeeError('ERR_INVALID_ARGUMENT', `The limit ${name} is out of its range.`, {
        expected: `an integer from ${least} to ${most}`,
        actual: String(value),
      });
    }
    limits[name] = value;
  }
  return limits;
}
