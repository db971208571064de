/* The result: one documented mapping of values to JSON (docs/sandbox.md). */
(function serializer(shared) {
  const { host, operation, apply, keys, isArray, stringify, slice, match, tagOf, numberOf, stringOf, booleanOf } =
    shared;
  const plainName = /^[A-Za-z_$][\w$]*$/;

  /** Built-ins whose JSON would silently be `{}` or an index map; the function has to say what it means. */
  const withoutJson = {
    __proto__: null,
    '[object Map]': 'a Map (use Object.fromEntries)',
    '[object Set]': 'a Set (use Array.from)',
    '[object WeakMap]': 'a WeakMap',
    '[object WeakSet]': 'a WeakSet',
    '[object WeakRef]': 'a WeakRef',
    '[object Promise]': 'a Promise (await it)',
    '[object RegExp]': 'a RegExp (use String)',
    '[object Error]': 'an Error (return its message)',
    '[object ArrayBuffer]': 'an ArrayBuffer',
    '[object DataView]': 'a DataView',
    '[object Generator]': 'a Generator (use Array.from)',
    '[object AsyncGenerator]': 'an AsyncGenerator',
  };
  for (const name of ['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32']) {
    withoutJson[`[object ${name}Array]`] = `a ${name}Array (use Array.from)`;
  }
  for (const name of ['Float16', 'Float32', 'Float64', 'BigInt64', 'BigUint64']) {
    withoutJson[`[object ${name}Array]`] = `a ${name}Array (use Array.from)`;
  }
  const maxDepth = 256;

  /** Walks a value with its own stack, so that depth costs no native stack. Frames have no prototype: no setter of the guest's runs. */
  shared.serialize = function serialize(root, limit) {
    const frames = { __proto__: null };
    let depth = 0;
    let out = '';

    const refuse = (what) => {
      let path = '';
      for (let i = 0; i < depth; i += 1) {
        const { list, names, next } = frames[i];
        if (list) path += `[${next - 1}]`;
        else {
          const name = names[next - 1];
          path += match(plainName, name) ? (path === '' ? name : `.${name}`) : `[${stringify(name)}]`;
        }
      }
      host(operation.notSerializable, slice(path, 0, 500), what);
      return false;
    };

    const emit = (given, key) => {
      let value = given;
      if ((typeof value === 'object' && value !== null) || typeof value === 'bigint') {
        const { toJSON } = value;
        if (typeof toJSON === 'function') value = apply(toJSON, value, [key]);
      }
      switch (typeof value) {
        case 'string':
          out += stringify(value);
          return true;
        case 'number':
          out += value - value === 0 ? value : 'null';
          return true;
        case 'boolean':
          out += value;
          return true;
        case 'undefined':
          out += 'null';
          return true;
        case 'object':
          if (value !== null) return open(value);
          out += 'null';
          return true;
        default:
          return refuse(typeof value === 'bigint' ? 'a BigInt (use String)' : `a ${typeof value}`);
      }
    };

    const open = (value) => {
      const list = isArray(value);
      if (!list) {
        const tag = tagOf(value);
        if (tag === '[object Number]') return emit(numberOf(value), '');
        if (tag === '[object String]') return emit(stringOf(value), '');
        if (tag === '[object Boolean]') return emit(booleanOf(value), '');
        const what = withoutJson[tag];
        if (what !== undefined) return refuse(what);
      }
      for (let i = 0; i < depth; i += 1)
        if (frames[i].value === value) return refuse('a reference to an object that contains it');
      if (depth === maxDepth) return refuse(`nested deeper than ${maxDepth}`);
      const names = list ? null : keys(value);
      frames[depth] = { __proto__: null, value, list, names, next: 0, length: list ? value.length : names.length };
      depth += 1;
      out += list ? '[' : '{';
      return true;
    };

    if (!emit(root, '')) return undefined;
    while (depth > 0) {
      const frame = frames[depth - 1];
      if (out.length > limit) {
        host(operation.resultTooLong);
        return undefined;
      }
      if (frame.next >= frame.length) {
        out += frame.list ? ']' : '}';
        depth -= 1;
        continue;
      }
      const key = frame.list ? frame.next : frame.names[frame.next];
      if (frame.next > 0) out += ',';
      frame.next += 1;
      if (!frame.list) out += `${stringify(key)}:`;
      if (!emit(frame.value[key], key)) return undefined;
    }
    return out;
  };
});
