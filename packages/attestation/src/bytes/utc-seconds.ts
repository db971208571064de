const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Unix seconds of a date and time in UTC.
 * @returns null when it does not exist in the calendar (February 30th, 24:00, a leap second) or a part is NaN
 */
export function utcSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0);
  const exists = day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
  // Date.UTC takes a year below 100 for one of the twentieth century.
  if (!exists || !(year >= 100)) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

const pattern = '0000-00-00T00:00:00Z';

/** Unix seconds of the one form in which Intel writes dates, e.g. 2024-03-13T00:00:00Z; null for any other. */
export function parseUtcDate(text: string): number | null {
  if (text.length !== pattern.length) return null;
  for (const at of [4, 7, 10, 13, 16, 19]) if (text[at] !== pattern[at]) return null;
  const two = (at: number) => twoDigits(text.charCodeAt(at), text.charCodeAt(at + 1));
  return utcSeconds(two(0) * 100 + two(2), two(5), two(8), two(11), two(14), two(17));
}

/** The number that two ASCII digits make; NaN, which no calendar has, for anything else. */
export function twoDigits(first: number, second: number): number {
  const tens = first - 0x30;
  const ones = second - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
