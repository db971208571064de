/* URL and URLSearchParams (WHATWG URL). The host parses: the rules for host names alone need tables of half a megabyte. */
(function urls(shared) {
  const { define, ask } = shared;

  class URLSearchParams {
    #pairs;
    /** Tells the URL whose query this is of a change. */
    #changed;

    constructor(init = '', changed = undefined) {
      this.#changed = typeof changed === 'function' ? changed : () => undefined;
      if (typeof init !== 'object' || init === null) {
        this.#pairs = ask('url.query', { text: `${init}` });
      } else if (typeof init[Symbol.iterator] === 'function') {
        this.#pairs = [];
        for (const pair of init) {
          const [name, value, ...rest] = pair;
          if (value === undefined || rest.length > 0) throw new TypeError('each pair must be a name and a value');
          this.#pairs.push([`${name}`, `${value}`]);
        }
      } else {
        this.#pairs = Object.keys(init).map((name) => [name, `${init[name]}`]);
      }
    }
    get size() {
      return this.#pairs.length;
    }
    append(name, value) {
      this.#pairs.push([`${name}`, `${value}`]);
      this.#tell();
    }
    delete(name, value) {
      this.#pairs = this.#pairs.filter((pair) => !this.#is(pair, name, value));
      this.#tell();
    }
    get(name) {
      return this.#pairs.find((pair) => this.#is(pair, name))?.[1] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter((pair) => this.#is(pair, name)).map((pair) => pair[1]);
    }
    has(name, value) {
      return this.#pairs.some((pair) => this.#is(pair, name, value));
    }
    set(name, value) {
      const first = this.#pairs.findIndex((pair) => this.#is(pair, name));
      if (first < 0) this.#pairs.push([`${name}`, `${value}`]);
      else {
        this.#pairs[first][1] = `${value}`;
        this.#pairs = this.#pairs.filter((pair, index) => index <= first || !this.#is(pair, name));
      }
      this.#tell();
    }
    sort() {
      this.#pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
      this.#tell();
    }
    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return ask('url.format', { pairs: this.#pairs });
    }
    /** The query of the URL was set as a whole. */
    static replace(params, text) {
      params.#pairs = ask('url.query', { text });
    }
    #is(pair, name, value) {
      return pair[0] === `${name}` && (value === undefined || pair[1] === `${value}`);
    }
    #tell() {
      this.#changed(this.toString());
    }
  }
  const { replace } = URLSearchParams;
  delete URLSearchParams.replace;

  class URL {
    #parts;
    #params;
    constructor(url, base) {
      this.#parts = ask('url.parse', { url: `${url}`, base: base === undefined ? undefined : `${base}` });
    }
    get searchParams() {
      this.#params ??= new URLSearchParams(this.#parts.search, (search) => {
        this.#parts = ask('url.set', { href: this.#parts.href, name: 'search', value: search });
      });
      return this.#params;
    }
    get origin() {
      return this.#parts.origin;
    }
    toString() {
      return this.#parts.href;
    }
    toJSON() {
      return this.#parts.href;
    }
    static canParse(url, base) {
      return URL.parse(url, base) !== null;
    }
    static parse(url, base) {
      try {
        return new URL(url, base);
      } catch {
        return null;
      }
    }
    static {
      const settable = [
        'href',
        'protocol',
        'username',
        'password',
        'host',
        'hostname',
        'port',
        'pathname',
        'search',
        'hash',
      ];
      for (const name of settable) {
        Object.defineProperty(URL.prototype, name, {
          configurable: true,
          enumerable: true,
          get() {
            return this.#parts[name];
          },
          set(value) {
            this.#parts = ask('url.set', { href: this.#parts.href, name, value: `${value}` });
            if (this.#params !== undefined && (name === 'search' || name === 'href'))
              replace(this.#params, this.#parts.search);
          },
        });
      }
    }
  }

  define('URL', URL);
  define('URLSearchParams', URLSearchParams);
});
