import { GuestFault } from './capability.ts';

/** Bytes that came as base64. @throws GuestFault when they did not, or not in this length */
export function bytesOf(name: string, value: unknown, least = 0, most = Number.POSITIVE_INFINITY): Buffer {
  if (typeof value !== 'string') throw new GuestFault('TypeError', `${name} is missing`);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length < least || bytes.length > most) {
    const expected = least === most ? `${least}` : `${least} to ${most}`;
    throw new GuestFault('RangeError', `${name} has ${bytes.length} bytes instead of ${expected}`);
  }
  return bytes;
}

/** A text that is one of a few. @throws GuestFault when it is another */
export function choiceOf<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new GuestFault('TypeError', `${name} must be one of ${choices.join(', ')}`);
  return choice;
}

/** An integer in a range. @throws GuestFault when it is not */
export function lengthOf(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new GuestFault('RangeError', `${name} must be an integer from ${least} to ${most}`);
}
