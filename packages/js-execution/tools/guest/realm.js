/* What the realm must not have. */
(function realm(shared) {
  const { define, defineProperty, getPrototypeOf, SafeEvalError } = shared;

  const { eval: evaluate, Function: MakeFunction } = globalThis;
  const makers = [];

  /** No code from strings: what was given is what runs. The constructors stay, for instanceof, but refuse. */
  const refuseCode = (sample) => {
    const { prototype } = getPrototypeOf(sample).constructor;
    const original = prototype.constructor;
    function blocked() {
      throw new SafeEvalError('code generation from strings is disabled');
    }
    defineProperty(blocked, 'name', { value: original.name });
    defineProperty(blocked, 'prototype', { value: prototype, writable: false });
    defineProperty(prototype, 'constructor', { value: blocked });
    makers[makers.length] = { prototype, original };
    return blocked;
  };
  const BlockedFunction = refuseCode(() => undefined);
  refuseCode(async () => undefined);
  refuseCode(function* () {});
  refuseCode(async function* () {});
  defineProperty(globalThis, 'Function', { value: BlockedFunction });
  for (const name of ['eval', 'SharedArrayBuffer', 'Atomics', 'performance', 'WebAssembly']) delete globalThis[name];

  /** For a function that was granted `eval`, before any code of its own runs. */
  shared.allowEval = () => {
    define('eval', evaluate);
    define('Function', MakeFunction);
    for (let i = 0; i < makers.length; i += 1) {
      const { prototype, original } = makers[i];
      defineProperty(prototype, 'constructor', { value: original });
    }
  };
});
