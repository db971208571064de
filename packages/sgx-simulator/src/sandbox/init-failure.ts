/**
 * The init process of an instance could not hand over to the program (occlum-contract §4.4). The message is what
 * stands on standard error then: the words of init, and the launcher's line on its exit code.
 */
export class InitFailure extends Error {
  override readonly name = 'InitFailure';

  constructor(words: string) {
    super(`${words}\n[ERROR] occlum-pal: The init process exit with code: 1`);
  }
}
