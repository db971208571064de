/* Bytes of buffers, and structuredClone (HTML standard; without transfer). */
(function cloning(shared) {
  const {
    define,
    defineProperty,
    keys,
    isArray,
    isError,
    tagOf,
    timeOf,
    bufferSlice,
    SafeTypeError,
    SafeDOMException,
  } = shared;
  const {
    mapForEach,
    mapGet,
    mapSet,
    mapHas,
    setForEach,
    setAdd,
    SafeMap,
    SafeSet,
    SafeDate,
    SafeRegExp,
    SafeUint8Array,
  } = shared;
  const { getPrototypeOf, match, textOf, stringOf, numberOf, booleanOf, uncurry } = shared;
  const { SafeObject, SafeArray, SafeDataView, SafeError } = shared;
  const viewed = SafeObject.getOwnPropertyDescriptors(getPrototypeOf(SafeUint8Array.prototype));
  const [bufferOf, offsetOf, sizeOf, nameOf] = ['buffer', 'byteOffset', 'byteLength', Symbol.toStringTag].map((name) =>
    uncurry(viewed[name].get),
  );
  const seen = SafeObject.getOwnPropertyDescriptors(SafeDataView.prototype);
  const [viewBuffer, viewOffset, viewSize] = ['buffer', 'byteOffset', 'byteLength'].map((name) =>
    uncurry(seen[name].get),
  );
  const { isView } = ArrayBuffer;
  const uncloneable = /^\[object (?:Promise|Weak\w+|\w*Generator\w*)\]$/;
  const typed = { __proto__: null };
  for (const name of SafeObject.getOwnPropertyNames(globalThis))
    if (/Array$/.test(name) && name !== 'Array') typed[name] = globalThis[name];

  /** The bytes behind an ArrayBuffer, typed array or DataView, not copied. */
  shared.bytesOf = (source) => {
    if (isView(source)) {
      if (nameOf(source) === undefined)
        return new SafeUint8Array(viewBuffer(source), viewOffset(source), viewSize(source));
      return new SafeUint8Array(bufferOf(source), offsetOf(source), sizeOf(source));
    }
    if (tagOf(source) === '[object ArrayBuffer]') return new SafeUint8Array(source);
    throw new SafeTypeError('expected an ArrayBuffer, a typed array or a DataView');
  };

  const fail = (what) => {
    throw new SafeDOMException(`${what} could not be cloned`, 'DataCloneError');
  };
  const put = (object, key, value) =>
    defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });

  const cloneView = (value, known) => {
    const name = nameOf(value);
    if (name === undefined)
      return new SafeDataView(clone(viewBuffer(value), known), viewOffset(value), viewSize(value));
    return new typed[name](clone(bufferOf(value), known), offsetOf(value), value.length);
  };

  const cloneError = (value) => {
    const copy = new SafeError(textOf(value, 'message') ?? '');
    put(copy, 'name', textOf(value, 'name') ?? 'Error');
    put(copy, 'stack', textOf(value, 'stack') ?? '');
    return copy;
  };

  const cloneSimple = (value, known) => {
    if (isView(value)) return cloneView(value, known);
    if (isError(value)) return cloneError(value);
    switch (tagOf(value)) {
      case '[object Date]':
        return new SafeDate(timeOf(value));
      case '[object RegExp]':
        return new SafeRegExp(value.source, value.flags);
      case '[object ArrayBuffer]':
        return bufferSlice(value, 0);
      case '[object String]':
        return SafeObject(stringOf(value));
      case '[object Number]':
        return SafeObject(numberOf(value));
      case '[object Boolean]':
        return SafeObject(booleanOf(value));
      default:
        return undefined;
    }
  };

  const clone = (value, known) => {
    if (typeof value === 'symbol' || typeof value === 'function') fail(`a ${typeof value}`);
    if (typeof value !== 'object' || value === null) return value;
    if (mapHas(known, value)) return mapGet(known, value);
    const simple = cloneSimple(value, known);
    if (simple !== undefined) {
      mapSet(known, value, simple);
      return simple;
    }
    const tag = tagOf(value);
    const copy =
      tag === '[object Map]'
        ? new SafeMap()
        : tag === '[object Set]'
          ? new SafeSet()
          : isArray(value)
            ? new SafeArray(value.length)
            : {};
    mapSet(known, value, copy);
    if (tag === '[object Map]') mapForEach(value, (item, key) => mapSet(copy, clone(key, known), clone(item, known)));
    else if (tag === '[object Set]') setForEach(value, (item) => setAdd(copy, clone(item, known)));
    else if (match(uncloneable, tag) !== null) fail(tag);
    else {
      const names = keys(value);
      for (let i = 0; i < names.length; i += 1) put(copy, names[i], clone(value[names[i]], known));
    }
    return copy;
  };

  define('structuredClone', function structuredClone(value) {
    return clone(value, new SafeMap());
  });
});
