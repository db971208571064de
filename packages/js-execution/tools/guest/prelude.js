/*
 * What every guest starts with. Evaluated once at build time, when the engine's memory image is made, so it is part of
 * the engine's hash. It runs in the guest's realm: guest code can change every built-in, so everything used after
 * start-up is captured here first, and nothing here is trusted by the host beyond what a hostile guest could do to
 * itself.
 *
 * The value of this script is a function that takes `host(operation, a, b)` and returns the entry points the host calls.
 */
(function prelude(host) {
  const operation = { log: 0, result: 1, notSerializable: 2, resultTooLong: 3, noMain: 4 };

  const { apply, ownKeys } = Reflect;
  const { defineProperty, getPrototypeOf, keys } = Object;
  const { isArray } = Array;
  const { isError } = Error;
  const { parse, stringify } = JSON;
  const EvalErrorAtStart = EvalError;
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const slice = uncurry(String.prototype.slice);
  const tagOf = uncurry(Object.prototype.toString);
  const symbolText = uncurry(Symbol.prototype.toString);
  const mapForEach = uncurry(Map.prototype.forEach);
  const setForEach = uncurry(Set.prototype.forEach);
  const match = uncurry(RegExp.prototype.exec);
  const plainName = /^[A-Za-z_$][\w$]*$/;
  const numberOf = uncurry(Number.prototype.valueOf);
  const stringOf = uncurry(String.prototype.valueOf);
  const booleanOf = uncurry(Boolean.prototype.valueOf);

  // ---- Result: one documented mapping to JSON -------------------------------------------------------------------

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
  function serialize(root, limit) {
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
  }

  // ---- Text of thrown and logged values -------------------------------------------------------------------------

  /** A property read that never throws; anything but text counts as absent. */
  const textOf = (value, name) => {
    try {
      const text = value[name];
      return typeof text === 'string' ? text : undefined;
    } catch {
      return undefined;
    }
  };

  const primitiveText = (value) => (typeof value === 'symbol' ? symbolText(value) : `${value}`);

  /** One thrown value as JSON: name, message, stack, and whether the message was cut. Never throws on hostile values. */
  const describeOne = (value) => {
    const object = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const fallback = 'a value that is not an Error was thrown';
    const name = object ? (textOf(value, 'name') ?? (isError(value) ? 'Error' : 'object')) : typeof value;
    const message = object ? (textOf(value, 'message') ?? fallback) : primitiveText(value);
    const stack = object && isError(value) ? (textOf(value, 'stack') ?? '') : '';
    const cut = message.length > 4096;
    return (
      `"name":${stringify(slice(name, 0, 100))},"message":${stringify(slice(message, 0, 4096))},` +
      `"stack":${stringify(slice(stack, 0, 8192))},"error":${isError(value)},"cut":${cut}`
    );
  };

  const causeOf = (value) => {
    try {
      return isError(value) ? value.cause : undefined;
    } catch {
      return undefined;
    }
  };

  /** A thrown value with up to three of its causes, as JSON. */
  function describe(value) {
    let causes = '';
    let cause = causeOf(value);
    for (let i = 0; i < 3 && cause !== undefined; i += 1) {
      causes += `${i === 0 ? '' : ','}{${describeOne(cause)}}`;
      cause = causeOf(cause);
    }
    return `{${describeOne(value)},"causes":[${causes}]}`;
  }

  let budget = 0;

  const inspectList = (length, item) => {
    let text = '';
    for (let i = 0; i < length; i += 1) {
      if (budget <= 0) return `${text}, …`;
      text += i === 0 ? item(i) : `, ${item(i)}`;
    }
    return text;
  };

  const inspectObject = (value, depth) => {
    if (isError(value)) return `${textOf(value, 'name') ?? 'Error'}: ${textOf(value, 'message') ?? ''}`;
    const tag = tagOf(value);
    if (depth > 4) return tag;
    if (isArray(value)) return `[${inspectList(value.length, (i) => inspect(value[i], depth + 1))}]`;
    if (tag === '[object Date]' || tag === '[object RegExp]') return `${value}`;
    if (tag === '[object Map]' || tag === '[object Set]') {
      let text = '';
      const add = (item) => {
        if (budget > 0) text += text === '' ? item() : `, ${item()}`;
      };
      if (tag === '[object Set]') setForEach(value, (item) => add(() => inspect(item, depth + 1)));
      else mapForEach(value, (item, key) => add(() => `${inspect(key, depth + 1)} => ${inspect(item, depth + 1)}`));
      return `${slice(tag, 8, -1)} {${text}}`;
    }
    const names = keys(value);
    const entries = inspectList(names.length, (i) => `${names[i]}: ${inspect(value[names[i]], depth + 1)}`);
    return entries === '' ? '{}' : `{ ${entries} }`;
  };

  const inspect = (value, depth) => {
    budget -= 1;
    switch (typeof value) {
      case 'string':
        return depth === 0 ? value : stringify(value);
      case 'bigint':
        return `${value}n`;
      case 'function':
        return `[Function: ${textOf(value, 'name') || '(anonymous)'}]`;
      case 'object':
        if (value === null) return 'null';
        try {
          return inspectObject(value, depth);
        } catch {
          return '[unprintable]';
        }
      default:
        return primitiveText(value);
    }
  };

  let logIsFull = false;

  const log = (level, values) => {
    let text = '';
    if (!logIsFull) {
      budget = 1000;
      for (let i = 0; i < values.length; i += 1) text += i === 0 ? inspect(values[i], 0) : ` ${inspect(values[i], 0)}`;
    }
    logIsFull = host(operation.log, level, text);
  };

  globalThis.console = {
    log: (...values) => log(0, values),
    info: (...values) => log(1, values),
    warn: (...values) => log(2, values),
    error: (...values) => log(3, values),
    debug: (...values) => log(4, values),
  };
  defineProperty(globalThis, 'console', { enumerable: false });

  // ---- The realm ------------------------------------------------------------------------------------------------

  /** No code from strings: what was given is what runs. The constructors stay, for instanceof, but refuse. */
  const refuseCode = (sample) => {
    const { prototype } = getPrototypeOf(sample).constructor;
    const { name } = prototype.constructor;
    const blocked = () => {
      throw new EvalErrorAtStart('code generation from strings is disabled');
    };
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

  // ---- Entry points ---------------------------------------------------------------------------------------------

  /** Calls main with arguments that arrive as JSON, and hands its answer to the host. */
  async function run(payload, limit, namespace) {
    // `main` is what the guest's script declares; a module exports it.
    const declared = namespace === undefined ? (typeof main === 'function' ? main : undefined) : namespace.main;
    const entry = declared ?? namespace?.default;
    if (typeof entry !== 'function') {
      host(operation.noMain);
      return;
    }
    const given = parse(payload);
    const json = serialize(await entry(given[0], given[1], given[2], given[3]), limit);
    if (json !== undefined) host(operation.result, json);
  }

  if (ownKeys(globalThis).length === 0) throw new Error('the realm is empty');
  return { run, describe };
});
