/* What the host does at once for a function that was granted it: crypto and timers. */
(function capabilities(shared) {
  const { host, operation, define, parse, stringify, fromBase64, toBase64, encode, bytesOf, apply } = shared;
  const { SafeError, SafeTypeError, SafeRangeError, mapForEach, SafeMap } = shared;

  /** The error of an answer `{name, message}`. */
  const faultOf = ({ name, message }) => {
    const Type = name === 'TypeError' ? SafeTypeError : name === 'RangeError' ? SafeRangeError : SafeError;
    return new Type(message);
  };

  /** Asks the host; its answer is `{ok}` or `{name, message}`. */
  const ask = (name, given) => {
    const answer = parse(host(operation.capability, name, stringify(given)));
    if (answer.message === undefined) return answer.ok;
    throw faultOf(answer);
  };
  shared.faultOf = faultOf;
  shared.ask = ask;

  /** Text stands for its UTF-8. */
  const wire = (data) => toBase64(typeof data === 'string' ? encode(data) : bytesOf(data));

  define('crypto', {
    __proto__: null,
    hash: async (algorithm, data) => fromBase64(ask('crypto.hash', { algorithm: `${algorithm}`, data: wire(data) })),
    hmac: async (algorithm, key, data) =>
      fromBase64(ask('crypto.hmac', { algorithm: `${algorithm}`, key: wire(key), data: wire(data) })),
    hkdf: async (algorithm, key, salt, info, length) => {
      const given = { algorithm: `${algorithm}`, key: wire(key), salt: wire(salt), info: wire(info), length: +length };
      return fromBase64(ask('crypto.hkdf', given));
    },
    encrypt: async (key, nonce, data, additional = '') => {
      const given = { key: wire(key), nonce: wire(nonce), data: wire(data), additional: wire(additional) };
      return fromBase64(ask('crypto.encrypt', given));
    },
    decrypt: async (key, nonce, data, additional = '') => {
      const given = { key: wire(key), nonce: wire(nonce), data: wire(data), additional: wire(additional) };
      return fromBase64(ask('crypto.decrypt', given));
    },
    publicKey: async (curve, key) => fromBase64(ask('crypto.publicKey', { curve: `${curve}`, key: wire(key) })),
    sign: async (curve, key, data) =>
      fromBase64(ask('crypto.sign', { curve: `${curve}`, key: wire(key), data: wire(data) })),
    verify: async (curve, key, signature, data) =>
      ask('crypto.verify', { curve: `${curve}`, key: wire(key), signature: wire(signature), data: wire(data) }),
    randomBytes: async (length) => fromBase64(ask('crypto.randomBytes', { length: +length })),
  });

  // ---- Timers: the host lets time pass only when nothing else is left to do. --------------------------------------

  const timers = new SafeMap();
  const { set, delete: remove, get } = SafeMap.prototype;
  let now = 0;
  let last = 0;

  const start = (callback, delay, rest, repeat) => {
    if (typeof callback !== 'function') throw new SafeTypeError('a timer needs a function');
    ask('timers.start', {});
    last += 1;
    let wait = +delay;
    // NaN and everything below one count as one, as in Node.
    if (!(wait >= 1)) wait = 1;
    apply(set, timers, [last, { __proto__: null, id: last, due: now + wait, callback, rest, wait, repeat }]);
    return last;
  };
  const stop = (id) => {
    apply(remove, timers, [id]);
  };
  const next = () => {
    let first;
    mapForEach(timers, (timer) => {
      if (first === undefined || timer.due < first.due) first = timer;
    });
    return first;
  };

  define('setTimeout', (callback, delay, ...rest) => start(callback, delay, rest, false));
  define('setInterval', (callback, delay, ...rest) => start(callback, delay, rest, true));
  define('clearTimeout', stop);
  define('clearInterval', stop);

  /** Milliseconds until a timer is due; -1 when there is none. */
  shared.untilTimer = () => {
    const timer = next();
    return timer === undefined ? -1 : timer.due - now;
  };

  /** Time went by while the host was asked for something else; no timer became due in it. */
  shared.passTime = (milliseconds) => {
    const timer = next();
    now = timer === undefined ? now + milliseconds : shared.least(now + milliseconds, timer.due);
  };

  /** Lets the time of the next timer come and calls it. */
  shared.fireTimer = () => {
    const timer = next();
    if (timer === undefined) return;
    now = timer.due;
    if (timer.repeat && apply(get, timers, [timer.id]) === timer) timer.due += timer.wait;
    else stop(timer.id);
    apply(timer.callback, undefined, timer.rest);
  };
});
