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

const written = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;

/** Unix seconds of the one form in which Intel writes dates, e.g. 2024-03-13T00:00:00Z; null for any other. */
export function parseUtcDate(text: string): number | null {
  const found = written.exec(text);
  if (!found) return null;
  const [, year, month, day, hour, minute, second] = found;
  return utcSeconds(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
}
