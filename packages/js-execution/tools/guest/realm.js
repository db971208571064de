/* What the realm must not have. */
(function realm(shared) {
  const { defineProperty, getPrototypeOf, SafeEvalError } = shared;

  /** No code from strings: what was given is what runs. The constructors stay, for instanceof, but refuse. */
  const refuseCode = (sample) => {
    const { prototype } = getPrototypeOf(sample).constructor;
    const { name } = prototype.constructor;
    function blocked() {
      throw new SafeEvalError('code generation from strings is disabled');
    }
    defineProperty(blocked, 'name', { value: name });
    defineProperty(blocked, 'prototype', { value: prototype, writable: false });
    defineProperty(prototype, 'constructor', { value: blocked });
    return blocked;
  };
  const BlockedFunction = refuseCode(() => undefined);
  refuseCode(async () => undefined);
  refuseCode(function* () {});
  refuseCode(async function* () {});
  defineProperty(globalThis, 'Function', { value: BlockedFunction });
  for (const name of ['eval', 'SharedArrayBuffer', 'Atomics', 'performance', 'WebAssembly']) delete globalThis[name];
});
