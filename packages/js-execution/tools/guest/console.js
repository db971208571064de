/* console: captured by the host, bounded and counted there. */
(function consoles(shared) {
  const { host, operation, keys, isArray, isError, stringify, slice, tagOf, mapForEach, setForEach } = shared;
  const { textOf, primitiveText, define } = shared;

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

  /** One value as a short text, for a thrown value that is no Error. */
  shared.inspect = (value) => {
    budget = 50;
    return inspect(value, 1);
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

  define('console', {
    log: (...values) => log(0, values),
    info: (...values) => log(1, values),
    warn: (...values) => log(2, values),
    error: (...values) => log(3, values),
    debug: (...values) => log(4, values),
  });
});
