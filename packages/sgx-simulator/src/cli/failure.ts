/** Ends a command: the text goes to the stream where occlum writes it (occlum-contract §1.3), then the exit code. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly stream: 'stdout' | 'stderr';
  readonly exitCode: number;

  constructor(message: string, stream: 'stdout' | 'stderr', exitCode = 1) {
    super(message);
    this.stream = stream;
    this.exitCode = exitCode;
  }
}

/** A failure whose text occlum writes to standard output. */
export function failOut(message: string): CliFailure {
  return new CliFailure(`Error: ${message}`, 'stdout');
}

/** A failure whose text occlum writes to standard error. */
export function failErr(message: string): CliFailure {
  return new CliFailure(`Error: ${message}`, 'stderr');
}

/**
 * Refuses a path with blanks in it: the genuine script splits it into words, and what it then does to them is not to
 * be imitated.
 *
 * @throws {CliFailure}
 */
export function refuseBlanks(path: string): void {
  if (/\s/.test(path)) throw failErr(`a path with blanks in it breaks this command of occlum: "${path}"`);
}
