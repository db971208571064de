import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/**
 * Makes V8 collect garbage now. A WebAssembly memory that was given up keeps its whole reservation of address space
 * until then, and V8 does not count it as pressure: a few hostile calls would exhaust an enclave's fixed space.
 */
export function collectGarbage(): void {
  if (collect === null) {
    // There is no other way to the collector without starting Node with a flag.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
