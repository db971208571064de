/* What the prelude and functions find in QuickJS, and V8 does not bring along. */
(function shims(shared) {
  const { defineProperty } = Object;
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const tagOf = uncurry(Object.prototype.toString);
  const charCodeAt = uncurry(String.prototype.charCodeAt);
  const indexOf = uncurry(String.prototype.indexOf);
  const slice = uncurry(String.prototype.slice);
  const { fromCharCode } = String;
  const [SafeUint8Array, SafePromise, SafeTypeError, SafeSyntaxError] = [Uint8Array, Promise, TypeError, SyntaxError];
  const then = uncurry(Promise.prototype.then);
  const hidden = (target, name, value) =>
    defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });

  // As many frames as the host takes over.
  Error.stackTraceLimit = 50;
  hidden(Error, 'isError', (value) => typeof value === 'object' && value !== null && tagOf(value) === '[object Error]');

  const codes = { __proto__: null, InvalidCharacterError: 5, DataCloneError: 25 };
  class DOMException extends Error {
    constructor(message = '', name = 'Error') {
      super(message);
      hidden(this, 'name', `${name}`);
    }
    get code() {
      return codes[this.name] ?? 0;
    }
    get [Symbol.toStringTag]() {
      return 'DOMException';
    }
  }
  hidden(globalThis, 'DOMException', DOMException);

  // ---- Base64 and hex (TC39, Uint8Array to and from base64). ------------------------------------------------------

  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const alphabetOf = (options) => letters + (options.alphabet === 'base64url' ? '-_' : '+/');
  const space = ' \t\n\f\r';

  const toBase64 = (bytes, alphabet, padding) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const left = bytes.length - i;
      const bits = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
      text += alphabet[bits >> 18] + alphabet[(bits >> 12) & 63];
      text += left > 1 ? alphabet[(bits >> 6) & 63] : padding;
      text += left > 2 ? alphabet[bits & 63] : padding;
    }
    return text;
  };

  /** @returns undefined for what is not base64 */
  const fromBase64 = (text, alphabet) => {
    const bytes = new SafeUint8Array((text.length * 3) >> 2);
    let [size, bits, count, padding] = [0, 0, 0, 0];
    for (let i = 0; i < text.length; i += 1) {
      const letter = text[i];
      if (indexOf(space, letter) >= 0) continue;
      if (letter === '=') {
        padding += 1;
        continue;
      }
      const value = indexOf(alphabet, letter);
      if (value < 0 || padding > 0) return undefined;
      bits = ((bits << 6) | value) & 0xffffff;
      count += 1;
      if (count % 4 === 0) {
        bytes[size++] = bits >> 16;
        bytes[size++] = (bits >> 8) & 255;
        bytes[size++] = bits & 255;
      }
    }
    const rest = count % 4;
    if (rest === 1 || (padding > 0 && rest + padding !== 4)) return undefined;
    if (rest === 2) bytes[size++] = (bits >> 4) & 255;
    if (rest === 3) {
      bytes[size++] = (bits >> 10) & 255;
      bytes[size++] = (bits >> 2) & 255;
    }
    const fitting = new SafeUint8Array(size);
    for (let i = 0; i < size; i += 1) fitting[i] = bytes[i];
    return fitting;
  };

  const decoded = (bytes, what) => {
    if (bytes === undefined) throw new SafeSyntaxError(`the text is not ${what}`);
    return bytes;
  };
  const textOf = (value) => {
    if (typeof value !== 'string') throw new SafeTypeError('expected a string');
    return value;
  };
  const digits = '0123456789abcdef';
  const methods = {
    toBase64(options = {}) {
      return toBase64(this, alphabetOf(options), options.omitPadding ? '' : '=');
    },
    toHex() {
      let text = '';
      for (let i = 0; i < this.length; i += 1) text += digits[this[i] >> 4] + digits[this[i] & 15];
      return text;
    },
  };
  hidden(SafeUint8Array.prototype, 'toBase64', methods.toBase64);
  hidden(SafeUint8Array.prototype, 'toHex', methods.toHex);
  hidden(SafeUint8Array, 'fromBase64', (text, options = {}) =>
    decoded(fromBase64(textOf(text), alphabetOf(options)), 'base64'),
  );
  hidden(SafeUint8Array, 'fromHex', (given) => {
    const text = textOf(given);
    const bytes = new SafeUint8Array(text.length >> 1);
    for (let i = 0; i < text.length; i += 1) {
      const code = charCodeAt(text, i) | 0x20;
      const value = code >= 0x61 && code <= 0x66 ? code - 0x57 : indexOf(digits, text[i]);
      if (value < 0 || text.length % 2 === 1) decoded(undefined, 'hex');
      bytes[i >> 1] = (bytes[i >> 1] << 4) | value;
    }
    return bytes;
  });

  hidden(globalThis, 'btoa', (value) => {
    const text = `${value}`;
    const bytes = new SafeUint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) {
      const code = charCodeAt(text, i);
      if (code > 255) throw new DOMException('a character is no byte', 'InvalidCharacterError');
      bytes[i] = code;
    }
    return toBase64(bytes, alphabetOf({}), '=');
  });
  hidden(globalThis, 'atob', (value) => {
    const bytes = fromBase64(`${value}`, alphabetOf({}));
    if (bytes === undefined) throw new DOMException('the text is not base64', 'InvalidCharacterError');
    let text = '';
    for (let i = 0; i < bytes.length; i += 1) text += fromCharCode(bytes[i]);
    return text;
  });

  hidden(globalThis, 'queueMicrotask', (callback) => {
    if (typeof callback !== 'function') throw new SafeTypeError('a microtask needs a function');
    // The promise of it is nobody's: what the callback throws is a rejection that nobody handles.
    then(SafePromise.resolve(), () => {
      callback();
    });
  });

  shared.startOf = (text, length) => slice(text, 0, length);
});
