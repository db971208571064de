import { table } from '../cli/table.ts';

/** Prints the demo as it happens, one line when a step begins and one when it ends, and the times at the end. */
export class DemoReport {
  readonly #times: { name: string; milliseconds: number }[] = [];

  /** A line of its own. */
  say(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  /** Lines that belong to a step. */
  show(lines: readonly string[]): void {
    for (const line of lines) this.say(`    ${line}`);
  }

  /** Runs a step and records how long it took. A step that throws ends the demo. */
  async step<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
    this.say(`> ${name}`);
    const startedAt = performance.now();
    const result = await action();
    this.record(name, performance.now() - startedAt);
    return result;
  }

  /** Adds a time that was measured elsewhere. */
  record(name: string, milliseconds: number): void {
    this.#times.push({ name, milliseconds });
  }

  /** The table of times. */
  times(): void {
    const rows = this.#times.map(({ name, milliseconds }) => [name, `${milliseconds.toFixed(0).padStart(7)} ms`]);
    this.show(table(rows, ''));
  }
}
