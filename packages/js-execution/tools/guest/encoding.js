/* TextEncoder and TextDecoder (WHATWG Encoding, UTF-8 only). */
(function encoding(shared) {
  const { define, charCodeAt, fromCharCode, slice, SafeUint8Array, SafeTypeError, SafeRangeError } = shared;

  /** Code units to UTF-8; a lone surrogate becomes U+FFFD. */
  const encode = (text) => {
    const bytes = new SafeUint8Array(text.length * 3);
    let size = 0;
    for (let i = 0; i < text.length; i += 1) {
      let code = charCodeAt(text, i);
      if (code >= 0xd800 && code <= 0xdfff) {
        const next = code < 0xdc00 && i + 1 < text.length ? charCodeAt(text, i + 1) : 0;
        if (next >= 0xdc00 && next <= 0xdfff) {
          code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
          i += 1;
        } else {
          code = 0xfffd;
        }
      }
      if (code < 0x80) {
        bytes[size++] = code;
        continue;
      }
      if (code < 0x800) {
        bytes[size++] = 0xc0 | (code >> 6);
      } else {
        if (code < 0x10000) {
          bytes[size++] = 0xe0 | (code >> 12);
        } else {
          bytes[size++] = 0xf0 | (code >> 18);
          bytes[size++] = 0x80 | ((code >> 12) & 0x3f);
        }
        bytes[size++] = 0x80 | ((code >> 6) & 0x3f);
      }
      bytes[size++] = 0x80 | (code & 0x3f);
    }
    const fitting = new SafeUint8Array(size);
    for (let i = 0; i < size; i += 1) fitting[i] = bytes[i];
    return fitting;
  };

  /** The UTF-8 decoder of the standard: a wrong sequence becomes one U+FFFD for its longest valid beginning. */
  const decode = (bytes, fatal, keepMark) => {
    let text = '';
    let code = 0;
    let missing = 0;
    let lower = 0x80;
    let upper = 0xbf;
    const wrong = () => {
      if (fatal) throw new SafeTypeError('the bytes are not UTF-8');
      missing = 0;
      lower = 0x80;
      upper = 0xbf;
      text += '\ufffd';
    };
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i];
      if (missing > 0) {
        if (byte < lower || byte > upper) {
          wrong();
          i -= 1;
          continue;
        }
        lower = 0x80;
        upper = 0xbf;
        code = (code << 6) | (byte & 0x3f);
        missing -= 1;
        if (missing > 0) continue;
        text += code < 0x10000 ? fromCharCode(code) : fromCharCode(0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
      } else if (byte < 0x80) {
        text += fromCharCode(byte);
      } else if (byte >= 0xc2 && byte <= 0xdf) {
        missing = 1;
        code = byte & 0x1f;
      } else if (byte >= 0xe0 && byte <= 0xef) {
        missing = 2;
        code = byte & 0xf;
        if (byte === 0xe0) lower = 0xa0;
        if (byte === 0xed) upper = 0x9f;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        missing = 3;
        code = byte & 7;
        if (byte === 0xf0) lower = 0x90;
        if (byte === 0xf4) upper = 0x8f;
      } else {
        wrong();
      }
    }
    if (missing > 0) wrong();
    return !keepMark && text.length > 0 && charCodeAt(text, 0) === 0xfeff ? slice(text, 1) : text;
  };

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return encode(`${text}`);
    }
  }

  class TextDecoder {
    #fatal;
    #keepMark;
    constructor(label = 'utf-8', options = {}) {
      const name = `${label}`;
      if (name !== 'utf-8' && name !== 'utf8' && name !== 'UTF-8') throw new SafeRangeError('only utf-8 is supported');
      this.#fatal = !!options.fatal;
      this.#keepMark = !!options.ignoreBOM;
    }
    get encoding() {
      return 'utf-8';
    }
    decode(source) {
      return source === undefined ? '' : decode(shared.bytesOf(source), this.#fatal, this.#keepMark);
    }
  }

  shared.encode = encode;
  shared.decode = decode;
  define('TextEncoder', TextEncoder);
  define('TextDecoder', TextDecoder);
});
