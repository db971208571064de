import type { LogLevel, LogLine } from '../outcome.ts';

const levels: readonly LogLevel[] = ['log', 'info', 'warn', 'error', 'debug'];

/** Collects the console lines of one call up to a number of bytes. A line that does not fit is dropped whole and counted. */
export class CallLog {
  readonly lines: LogLine[] = [];
  dropped = 0;
  #left: number;

  /** @param bytes room for all messages together, in UTF-8 bytes; each line also costs 16 bytes, so that empty ones end too */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Bytes that the next message may have; negative when even an empty one does not fit. */
  get room(): number {
    return this.#left - 16;
  }

  /** @param level index of the level; an unknown one counts as `log` */
  add(level: number, message: string): void {
    const size = Buffer.byteLength(message) + 16;
    if (size > this.#left) {
      this.drop();
      return;
    }
    this.#left -= size;
    this.lines.push({ level: levels[level] ?? 'log', message });
  }

  drop(): void {
    this.dropped += 1;
  }
}
