/** One line of what happened: an event of the host, or what an enclave logged. Holds no message of a client. */
export interface LogLine {
  /** Grows by one from line to line. */
  sequence: number;
  /** Milliseconds since 1970. */
  at: number;
  /** Which enclave, from 1; null for the host. */
  member: number | null;
  text: string;
}

const mostLines = 1000;
const longestLine = 4096;

/** The last 1,000 lines, and whoever follows them. */
export class LogRing {
  readonly #followers = new Set<(line: LogLine) => void>();
  #lines: LogLine[] = [];
  #sequence = 0;

  /** Adds a line; what is longer than 4,096 characters is cut. */
  add(member: number | null, text: string): void {
    this.#sequence += 1;
    const line = { sequence: this.#sequence, at: Date.now(), member, text: text.slice(0, longestLine) };
    this.#lines.push(line);
    if (this.#lines.length > 2 * mostLines) this.#lines = this.#lines.slice(-mostLines);
    for (const tell of this.#followers) tell(line);
  }

  /** The last lines, oldest first. */
  last(count: number = mostLines): LogLine[] {
    return this.#lines.slice(-Math.min(count, mostLines));
  }

  /** Is told each further line. @returns ends that */
  follow(tell: (line: LogLine) => void): () => void {
    this.#followers.add(tell);
    return () => void this.#followers.delete(tell);
  }
}
