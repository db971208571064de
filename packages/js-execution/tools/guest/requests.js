/* What the host does for a function meanwhile: http, storage, random. Each request is a promise that the host settles. */
(function requests(shared) {
  const { host, operation, define, parse, stringify, fromBase64, toBase64, encode, decode, bytesOf, faultOf } = shared;
  const { SafePromise, SafeMap, SafeTypeError, apply, keys, isArray, lowerCase } = shared;
  const { set, get, delete: remove } = SafeMap.prototype;
  const pending = new SafeMap();

  /** @returns a promise of the host's answer; `read` makes of it what the guest gets */
  const request = (name, given, read) =>
    new SafePromise((resolve, reject) => {
      const answer = parse(host(operation.request, name, stringify(given)));
      if (answer.message !== undefined) reject(faultOf(answer));
      else apply(set, pending, [answer.ok, { __proto__: null, resolve, reject, read }]);
    });

  /** Settles the request `id` with the host's answer, `{ok}` or `{name, message}`. */
  shared.settle = (id, json) => {
    const { resolve, reject, read } = apply(get, pending, [id]);
    apply(remove, pending, [id]);
    const answer = parse(json);
    if (answer.message === undefined) resolve(read(answer.ok));
    else reject(faultOf(answer));
  };

  class ResponseHeaders {
    #values = { __proto__: null };
    constructor(pairs) {
      for (let i = 0; i < pairs.length; i += 1) this.#values[pairs[i][0]] = pairs[i][1];
    }
    get(name) {
      return this.#values[lowerCase(`${name}`)] ?? null;
    }
    has(name) {
      return lowerCase(`${name}`) in this.#values;
    }
    toJSON() {
      return { __proto__: null, ...this.#values };
    }
  }

  class Response {
    #body;
    constructor({ url, status, statusText, redirected, headers, body }) {
      this.url = url;
      this.status = status;
      this.statusText = statusText;
      this.ok = status >= 200 && status < 300;
      this.redirected = redirected;
      this.headers = new ResponseHeaders(headers);
      this.#body = body;
    }
    async bytes() {
      return fromBase64(this.#body);
    }
    async text() {
      return decode(fromBase64(this.#body), false, false);
    }
    async json() {
      return parse(decode(fromBase64(this.#body), false, false));
    }
  }

  /** Headers as pairs of text: from a record, or pairs already. */
  const pairsOf = (headers) => {
    const list = [];
    if (isArray(headers))
      for (let i = 0; i < headers.length; i += 1) list[i] = [`${headers[i][0]}`, `${headers[i][1]}`];
    else {
      const names = keys(headers);
      for (let i = 0; i < names.length; i += 1) list[i] = [names[i], `${headers[names[i]]}`];
    }
    return list;
  };

  define('http', {
    __proto__: null,
    fetch: async (url, { method = 'GET', headers = {}, body, redirect = 'follow' } = {}) => {
      const given = { url: `${url}`, method: `${method}`, headers: pairsOf(headers), redirect: `${redirect}` };
      if (body !== undefined && body !== null)
        given.body = toBase64(typeof body === 'string' ? encode(body) : bytesOf(body));
      return request('http.fetch', given, (answer) => new Response(answer));
    },
  });

  const same = (value) => value;
  define('storage', {
    __proto__: null,
    get: async (key) => request('storage.get', { key: `${key}` }, same),
    put: async (key, value) => {
      const text = stringify(value);
      if (text === undefined) throw new SafeTypeError('the value has no JSON form');
      return request('storage.put', { key: `${key}`, value: parse(text) }, same);
    },
    delete: async (key) => request('storage.delete', { key: `${key}` }, same),
    list: async (prefix = '') => request('storage.list', { prefix: `${prefix}` }, same),
  });

  define('random', {
    __proto__: null,
    bytes: async (length) => request('random.bytes', { length: +length }, (text) => fromBase64(text)),
  });
});
