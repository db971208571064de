/* The text of thrown values. */
(function describer(shared) {
  const { isError, stringify, slice, symbolText, tagOf } = shared;

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

  /** Also a DOMException, which is not made like other errors here. Never throws on hostile values. */
  const isErrorLike = (value) => {
    try {
      return isError(value) || tagOf(value) === '[object DOMException]';
    } catch {
      return false;
    }
  };

  /** One thrown value as JSON: name, message, stack, and whether the message was cut. Never throws on hostile values. */
  const describeOne = (value) => {
    const object = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const error = isErrorLike(value);
    const name = object && error ? (textOf(value, 'name') ?? 'Error') : value === null ? 'null' : typeof value;
    const message = error ? (textOf(value, 'message') ?? '') : object ? shared.inspect(value) : primitiveText(value);
    const stack = error ? (textOf(value, 'stack') ?? '') : '';
    const cut = message.length > 4096;
    return (
      `"name":${stringify(slice(name, 0, 100))},"message":${stringify(slice(message, 0, 4096))},` +
      `"stack":${stringify(slice(stack, 0, 8192))},"error":${error},"cut":${cut}`
    );
  };

  const causeOf = (value) => {
    try {
      return isError(value) ? value.cause : undefined;
    } catch {
      return undefined;
    }
  };

  shared.textOf = textOf;
  shared.primitiveText = primitiveText;

  /** A thrown value with up to three of its causes, as JSON. */
  shared.describe = function describe(value) {
    let causes = '';
    let cause = causeOf(value);
    for (let i = 0; i < 3 && cause !== undefined; i += 1) {
      causes += `${i === 0 ? '' : ','}{${describeOne(cause)}}`;
      cause = causeOf(cause);
    }
    return `{${describeOne(value)},"causes":[${causes}]}`;
  };
});
