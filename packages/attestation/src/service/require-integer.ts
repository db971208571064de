import { TeeError } from '@neo-service-layer/tee-interface';

/** @throws {TeeError} ERR_INVALID_ARGUMENT unless `value` is an integer of at least `min` that timers can count */
export function requireInteger(name: string, value: number, min: number): number {
  if (Number.isInteger(value) && value >= min && value <= 0x7fffffff) return value;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${name} is not an integer in range.`, {
    expected: `${min} to ${0x7fffffff}`,
    actual: String(value),
  });
}
