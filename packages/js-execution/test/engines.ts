import { describe, it } from 'vitest';
import { type EngineName, engineNames } from '../src/engines.ts';
import { findIsolatedVm } from '../src/isolate/isolated-vm.ts';

/** isolated-vm is an addon that needs a compiler: nothing here installs it, in CI neither. `NODE_PATH` may name where it is. */
const hasIsolatedVm = (() => {
  try {
    return findIsolatedVm().main !== '';
  } catch {
    return false;
  }
})();

/** Runs the same tests on every engine that is installed; one that is not is skipped by name. */
export function onEveryEngine(tests: (engine: EngineName) => void | Promise<void>): void {
  for (const engine of engineNames) onEngine(engine, () => tests(engine));
}

/** Tests of one engine. */
export function onEngine(engine: EngineName, tests: () => void | Promise<void>): void {
  describe(engine, async () => {
    if (engine === 'quickjs-wasm' || hasIsolatedVm) await tests();
    else it.skip('skipped: no isolated-vm', () => undefined);
  });
}
