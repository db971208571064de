/**
 * What a test does when something outside the repository that it needs is missing: on a newcomer's machine it is
 * skipped under a name that says why, with `CI=true` the missing thing is a failure.
 *
 * @returns true when the test should run
 * @throws when `present` is false and CI is set
 */
export function requireOrSkip(present: boolean, what: string): boolean {
  if (!present && process.env['CI'] === 'true') throw new Error(`CI must have ${what}`);
  return present;
}
