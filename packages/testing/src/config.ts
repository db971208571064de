import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { CountingReporter } from './reporter.ts';

const sourceCondition = '@neo-service-layer/source';

/**
 * The vitest configuration of one workspace package.
 *
 * Tests read workspace sources (the "@neo-service-layer/source" export condition), so a change is tested without a
 * build; only code that needs real files (workers, executables, bundles) uses `dist`, which turbo builds first.
 *
 * @param configUrl `import.meta.url` of the package's vitest.config.ts
 * @param options.name file name under `.test-results` (one per run, so that a matrix does not overwrite itself)
 * @param options.include test globs; default every `test/**\/*.test.ts`
 * @param options.exclude globs left out
 */
export function packageTests(
  configUrl: string,
  options: { name?: string; include?: string[]; exclude?: string[]; timeoutMs?: number } = {},
): ViteUserConfig {
  const root = fileURLToPath(new URL('.', configUrl));
  return defineConfig({
    root,
    resolve: { conditions: [sourceCondition] },
    ssr: { resolve: { conditions: [sourceCondition] } },
    test: {
      include: options.include ?? ['test/**/*.test.ts'],
      exclude: options.exclude ?? [],
      testTimeout: options.timeoutMs ?? 20_000,
      hookTimeout: options.timeoutMs ?? 60_000,
      // turbo runs two packages at a time on the two cores of the smallest machine we test on.
      maxWorkers: 1,
      // Files of a package share one process: starting one and importing everything anew for each file took as long as
      // the tests of it. They leave no trace in it: state lives in temp folders, servers and objects of their own.
      isolate: false,
      reporters: ['default', new CountingReporter(`${root}.test-results/${options.name ?? 'unit'}.json`)],
    },
  });
}
