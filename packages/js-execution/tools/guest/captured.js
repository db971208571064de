/*
 * The prelude: what every guest starts with. Its files are evaluated in order (tools/build-engine.ts) when the engine's
 * memory image is made, so they are part of the engine's hash. They run in the guest's realm: guest code can change
 * every built-in, so whatever is used after start-up is captured here first. The host trusts nothing here beyond what
 * a hostile guest could do to itself.
 *
 * Each file is a function that gets `shared`, an object that only the prelude sees, and `host(operation, a, b)`, the
 * one way out.
 */
(function captured(shared, host) {
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);

  shared.host = host;
  /** What the host is asked or told; the numbers are those of src/engine/call-host.ts. */
  shared.operation = {
    ...{ log: 0, result: 1, notSerializable: 2, resultTooLong: 3, noMain: 4, capability: 5, request: 6 },
    missingSecret: 7,
  };
  shared.apply = Reflect.apply;
  shared.defineProperty = Object.defineProperty;
  shared.getPrototypeOf = Object.getPrototypeOf;
  shared.keys = Object.keys;
  shared.hasOwn = Object.hasOwn;
  shared.least = Math.min;
  shared.isArray = Array.isArray;
  shared.isError = Error.isError;
  shared.parse = JSON.parse;
  shared.stringify = JSON.stringify;
  shared.fromCharCode = String.fromCharCode;
  shared.SafeUint8Array = Uint8Array;
  shared.fromBase64 = Uint8Array.fromBase64;
  shared.SafeArray = Array;
  shared.SafeObject = Object;
  shared.SafeDataView = DataView;
  shared.SafeError = Error;
  shared.SafeTypeError = TypeError;
  shared.SafeRangeError = RangeError;
  shared.SafeEvalError = EvalError;
  shared.SafeDOMException = DOMException;
  shared.SafePromise = Promise;
  shared.SafeProxy = Proxy;
  shared.SafeMap = Map;
  shared.SafeSet = Set;
  shared.SafeDate = Date;
  shared.SafeRegExp = RegExp;
  shared.uncurry = uncurry;
  shared.slice = uncurry(String.prototype.slice);
  shared.lowerCase = uncurry(String.prototype.toLowerCase);
  shared.charCodeAt = uncurry(String.prototype.charCodeAt);
  shared.match = uncurry(RegExp.prototype.exec);
  shared.tagOf = uncurry(Object.prototype.toString);
  shared.symbolText = uncurry(Symbol.prototype.toString);
  shared.numberOf = uncurry(Number.prototype.valueOf);
  shared.stringOf = uncurry(String.prototype.valueOf);
  shared.booleanOf = uncurry(Boolean.prototype.valueOf);
  shared.timeOf = uncurry(Date.prototype.getTime);
  shared.toBase64 = uncurry(Uint8Array.prototype.toBase64);
  shared.mapForEach = uncurry(Map.prototype.forEach);
  shared.mapGet = uncurry(Map.prototype.get);
  shared.mapSet = uncurry(Map.prototype.set);
  shared.mapHas = uncurry(Map.prototype.has);
  shared.setForEach = uncurry(Set.prototype.forEach);
  shared.setAdd = uncurry(Set.prototype.add);
  shared.bufferSlice = uncurry(ArrayBuffer.prototype.slice);

  /** Makes a global as built-ins are: not enumerable, replaceable. */
  shared.define = (name, value) => {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  };
});
