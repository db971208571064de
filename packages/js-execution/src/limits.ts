import { TeeError } from '@neo-service-layer/tee-interface';
import type { JavaScriptLimits } from './default-limits.ts';

const kib = 1024;
const mib = 1024 * kib;

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
