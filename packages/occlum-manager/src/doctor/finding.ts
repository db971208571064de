/** What one check of the machine found. */
export interface Finding {
  /** Name of the check, stable. */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'problem';
  /** What is there. */
  readonly found: string;
  /** What to do or to type next; null when nothing is to be done. */
  readonly next: string | null;
}

/** A check that found nothing to do. */
export function ok(check: string, found: string): Finding {
  return { check, level: 'ok', found, next: null };
}

/** Works, but not as it should, or not for everything. */
export function warning(check: string, found: string, next: string): Finding {
  return { check, level: 'warning', found, next };
}

/** Will not work. */
export function problem(check: string, found: string, next: string): Finding {
  return { check, level: 'problem', found, next };
}
