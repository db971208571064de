import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Counts of one test run, as `scripts/test.mjs` adds them up. `skippedNames` says what did not run. */
interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
  skippedNames: string[];
}

/** Writes a run's counts to a file, which turbo keeps as the task's output: a cached run still counts. */
export class CountingReporter implements Reporter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: TestCounts = { passed: 0, failed: unhandledErrors.length, skipped: 0, skippedNames: [] };
    for (const module of modules) {
      // A file that fails to load has no tests, yet is a failure.
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else {
          counts.skipped += 1;
          counts.skippedNames.push(test.fullName);
        }
      }
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, `${JSON.stringify(counts)}\n`);
  }
}
