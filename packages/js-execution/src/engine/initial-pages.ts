import type { EngineExports } from './engine-exports.ts';
import { closedPort, engineImports } from './engine-imports.ts';

/** The size of memory that the module asks for. It cannot be read from a module, but a memory that is too small is refused. */
export function initialPages(module: WebAssembly.Module): number {
  const probe = new WebAssembly.Memory({ initial: 64, maximum: 64 });
  const instance = new WebAssembly.Instance(
    module,
    engineImports(probe, () => closedPort),
  );
  return (instance.exports as object as EngineExports).at_memory_pages.value;
}
