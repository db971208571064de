import { describe, expect, it } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { resultOf, sandbox } from '../sandbox.ts';
import { differs } from './differences.ts';

onEveryEngine(async (engine) => {
  /*
   * What the language does, feature by feature, up to what QuickJS-ng claims: each row is a body of `main` and what it
   * answers, by ECMA-262. (The tests of TC39 that run are in no npm package; those that only parse are in syntax.test.ts.)
   */
  const rows: Record<string, [body: string, answer: unknown][]> = {
    'names and scopes': [
      ['let r = []; for (let i = 0; i < 3; i++) r.push(() => i); return r.map((f) => f());', [0, 1, 2]],
      ['try { x; let x = 1; } catch (e) { return e.name; }', 'ReferenceError'],
      ['{ function f() { return 1; } } return f();', 1],
      [
        'const o = { a: 1, b: { c: [2, 3] } }; const { a, b: { c: [, d = 9, e = 4] } } = o; return [a, d, e];',
        [1, 3, 4],
      ],
      ['return ((a, b = a + 1, ...c) => [a, b, c])(1, undefined, 3, 4);', [1, 2, [3, 4]]],
      ['var v = 1; { var v = 2; } return [v, typeof globalThis.v];', [2, 'undefined']],
    ],
    operators: [
      ['return [0 ?? 1, null ?? 1, undefined?.x ?? 2, ({ a: 0 }).a || 3];', [0, 1, 2, 3]],
      ['let a = null, b = 1, c = 0; a ??= 5; b &&= 6; c ||= 7; return [a, b, c];', [5, 6, 7]],
      [
        'return [2 ** 10, -(2 ** 2), 7 % -3, -7 % 3, 1 / 3 > 0.33, 5 >>> 1, -1 >>> 28, -9 >> 1];',
        [1024, -4, 1, -1, true, 2, 15, -5],
      ],
      [
        'return [typeof null, void 0 === undefined, NaN !== NaN, Object.is(-0, 0), 0.1 + 0.2];',
        ['object', true, true, false, 0.30000000000000004],
      ],
      [
        "return ['b' + 1 + 2, 1 + 2 + 'b', '3' * '4', +[], [] + {}, 10 < 9, '10' < '9'];",
        ['b12', '3b', 12, 0, '[object Object]', false, true],
      ],
      ['class A { #p; static has(o) { return #p in o; } } return [A.has(new A()), A.has({})];', [true, false]],
    ],
    functions: [
      [
        'function f() { return arguments.length; } return [f(1, 2), f.length, ((a, b = 1) => 0).length, (function g() {}).name];',
        [2, 0, 1, 'g'],
      ],
      ['return (function () { "use strict"; return this === undefined; })();', true],
      [
        `const tag = (s, ...v) => [s.raw, v]; return tag\`a\${1}\\n\${2}\`;`,
        [
          ['a', '\\n', ''],
          [1, 2],
        ],
      ],
      [
        'function* g() { const x = yield 1; try { yield x * 2; } finally { yield 9; } } const i = g(); return [i.next(), i.next(4), i.return(7), i.next()];',
        [
          { value: 1, done: false },
          { value: 8, done: false },
          { value: 9, done: false },
          { value: 7, done: true },
        ],
      ],
      ['function F() { return new.target === F; } return new F() instanceof F;', true],
    ],
    classes: [
      [
        'class A { x = 1; static y = 2; #z = 3; get z() { return this.#z; } static { A.w = A.y * 2; } } class B extends A { get z() { return super.z + 1; } } return [new B().x, B.y, A.w, new B().z];',
        [1, 2, 4, 4],
      ],
      ['class A { constructor() { this.n = new.target.name; } } class B extends A {} return new B().n;', 'B'],
      [
        'class L extends Array { last() { return this[this.length - 1]; } } const l = L.from([1, 2]); return [l.last(), l.map((n) => n * 2) instanceof L, Array.isArray(l)];',
        [2, true, true],
      ],
      [
        'class E extends Error { name = "E"; } try { throw new E("m", { cause: 1 }); } catch (e) { return [e instanceof Error, String(e), e.cause]; }',
        [true, 'E: m', 1],
      ],
    ],
    'promises and async': [
      ['const r = []; const p = Promise.resolve().then(() => r.push(2)); r.push(1); await p; return r;', [1, 2]],
      ['return (await Promise.allSettled([1, Promise.reject(2)])).map((s) => s.status);', ['fulfilled', 'rejected']],
      [
        'return [await Promise.any([Promise.reject(1), 2]), await Promise.race([3, 4]), await Promise.all([5, 6])];',
        [2, 3, [5, 6]],
      ],
      [
        'async function* g() { yield 1; yield Promise.resolve(2); } const r = []; for await (const x of g()) r.push(x); return r;',
        [1, 2],
      ],
      ['try { await Promise.any([]); } catch (e) { return [e.name, e.errors.length]; }', ['AggregateError', 0]],
      [
        'const { promise, resolve } = Promise.withResolvers(); queueMicrotask(() => resolve(8)); return await promise;',
        8,
      ],
      [
        'const r = []; (async () => { r.push(1); await null; r.push(3); })(); r.push(2); await null; await null; return r;',
        [1, 2, 3],
      ],
    ],
    'strings and regular expressions': [
      [
        'return ["abc".at(-1), "a-b-a".replaceAll("a", "x"), "x".padStart(3, "-"), [..."a😀"].length, "ß".toUpperCase(), "\\u0041\\u{1F600}"];',
        ['c', 'x-b-x', '--x', 2, 'SS', 'A😀'],
      ],
      ['return "2024-05-06".match(/(?<y>\\d+)-(?<m>\\d+)/).groups.m;', '05'],
      [
        'return ["aBc".replace(/b/i, (m) => m + m), "a1b2".split(/\\d/), "aaa".lastIndexOf("a"), /(?<=\\$)\\d+/.exec("$42")[0]];',
        ['aBBc', ['a', 'b', ''], 2, '42'],
      ],
      [
        'return [[..."a1b22".matchAll(/\\d+/g)].map((m) => m.index), /^\\p{Lu}/u.test("Ä"), /a.c/s.test("a\\nc"), /\\u{61}/u.test("a")];',
        [[1, 3], true, true, true],
      ],
      [
        'const r = /a/y; r.lastIndex = 1; return [r.test("ba"), r.lastIndex, /(a)|b/d.exec("ca").indices[1]];',
        [true, 2, [1, 2]],
      ],
      [
        'return ["\\ud800".isWellFormed(), "a\\ud800".toWellFormed(), "\\u0065\\u0301".normalize("NFC").length, "a".localeCompare("b")];',
        [false, 'a\ufffd', 1, -1],
      ],
    ],
    'arrays and collections': [
      [
        'return [[3, 1, 2].toSorted(), [1, 2, 3].with(1, 9), [1, [2, [3]]].flat(Infinity), [1, 2, 3].findLast((n) => n < 3), [1, 2, 3].toSpliced(1, 1)];',
        [[1, 2, 3], [1, 9, 3], [1, 2, 3], 2, [1, 3]],
      ],
      [
        'return [[10, 9, 1].sort(), Array.from({ length: 2 }, (_, i) => i), [1, 2, 3].includes(NaN), [NaN].includes(NaN), [, 1].length];',
        [[1, 10, 9], [0, 1], false, true, 2],
      ],
      [
        'const m = new Map([[NaN, 1], [-0, 2]]); return [m.get(NaN), m.get(0), [...m.keys()].length, new Set([1, 1, 2]).size];',
        [1, 2, 2, 2],
      ],
      [
        'return [Object.fromEntries(Object.entries({ a: 1, b: 2 }).map(([k, v]) => [v, k])), Object.groupBy([1, 2, 3], (n) => (n % 2 ? "odd" : "even"))];',
        [
          { 1: 'a', 2: 'b' },
          { odd: [1, 3], even: [2] },
        ],
      ],
      [
        'return [[...new Set([1, 2]).union(new Set([2, 3]))], new Set([1]).isSubsetOf(new Set([1, 2]))];',
        [[1, 2, 3], true],
      ],
      [
        'const w = new WeakMap(); const k = {}; w.set(k, 1); return [w.get(k), w.has({}), new WeakRef(k).deref() === k];',
        [1, false, true],
      ],
      ['return [...[1, 2, 3, 4].values().filter((n) => n % 2).map((n) => n * 10)];', [10, 30]],
      [
        'const s = [5, 1, 4].map((v, i) => ({ v, i })); return Array.from({ length: 50 }, (_, i) => ({ k: i % 2, i })).sort((a, b) => a.k - b.k).slice(0, 3).map((o) => o.i).concat(s.length);',
        [0, 2, 4, 3],
      ],
    ],
    'numbers, dates, binary': [
      [
        'return [(0.000001234).toString(), (1e21).toString(), (25).toString(2), (1.005).toFixed(2), (1234.5678).toExponential(2), Number("0x1f"), parseInt("12px"), Number("")];',
        ['0.000001234', '1e+21', '11001', '1.00', '1.23e+3', 31, 12, 0],
      ],
      [
        'return [String(2n ** 64n), String(-7n / 2n), typeof 1n, 1n < 2, String(BigInt.asUintN(8, 257n)), 0n == 0];',
        ['18446744073709551616', '-3', 'bigint', true, '1', true],
      ],
      [
        'return [Math.hypot(3, 4), Math.clz32(1), Math.fround(5.5), Math.trunc(-4.7), Math.sign(-3), Math.imul(2 ** 31, 2), Math.cbrt(27)];',
        [5, 31, 5.5, -4, -1, 0, 3],
      ],
      [
        'const d = new Date(Date.UTC(2024, 1, 29, 12)); return [d.toISOString(), d.getDay(), Date.parse("2024-02-29T12:00:00Z") === d.getTime(), new Date(NaN).getTime() !== 0];',
        ['2024-02-29T12:00:00.000Z', 4, true, true],
      ],
      [
        'const v = new DataView(new ArrayBuffer(8)); v.setFloat32(0, 1.5); v.setInt16(4, -2, true); return [v.getUint8(0), v.getInt16(4, true), new Uint8ClampedArray([300, -5])[0], new Float64Array(2).fill(1).join()];',
        [63, -2, 255, '1,1'],
      ],
      [
        'const b = new ArrayBuffer(4, { maxByteLength: 8 }); b.resize(8); return [b.byteLength, b.transfer(2).byteLength, b.detached];',
        [8, 2, true],
      ],
    ],
    'objects, symbols, proxies': [
      [
        'const o = { get a() { return this.b; }, b: 2, ["c" + 1]: 3, __proto__: { d: 4 } }; return [o.a, o.c1, o.d, Object.keys(o)];',
        [2, 3, 4, ['a', 'b', 'c1']],
      ],
      [
        'const p = new Proxy({}, { get: (t, k) => k, has: () => true, ownKeys: () => ["z"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }); return [p.any, "q" in p, Object.keys(p), { ...p }];',
        ['any', true, ['z'], { z: 'z' }],
      ],
      [
        'return [Reflect.ownKeys({ b: 1, 2: 1, a: 1, 1: 1 }), Object.isFrozen(Object.freeze({})), Reflect.construct(Date, [0]).getTime()];',
        [['1', '2', 'b', 'a'], true, 0],
      ],
      [
        'class C { static [Symbol.hasInstance](x) { return x === 1; } get [Symbol.toStringTag]() { return "C"; } } return [1 instanceof C, String(new C()), Symbol.for("a") === Symbol.for("a"), Symbol("d").description];',
        [true, '[object C]', true, 'd'],
      ],
      [
        'const it = { *[Symbol.iterator]() { yield* [1, 2]; } }; return [[...it], Math.max(...it), ({ [Symbol.toPrimitive]: (h) => h }) + ""];',
        [[1, 2], 2, 'default'],
      ],
      [
        'let closed = 0; const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }), return: () => { closed++; return {}; } }) }; for (const x of it) break; const [y] = it; return closed;',
        2,
      ],
    ],
    'errors and JSON': [
      [
        'return [JSON.stringify({ a: [undefined, () => 1], b: undefined, c: new Date(0) }), JSON.parse("[1,{\\"a\\":2}]", (k, v) => (v === 2 ? 3 : v)), JSON.stringify("\\ud800")];',
        ['{"a":[null,null],"c":"1970-01-01T00:00:00.000Z"}', [1, { a: 3 }], '"\\ud800"'],
      ],
      ['try { try { throw 1; } finally { throw 2; } } catch (e) { return e; }', 2],
      ['return (() => { try { return 1; } finally { return 2; } })();', 2],
      [
        'const r = []; l: for (const a of [1, 2, 3]) { for (const b of [1, 2]) { if (b === 2) continue l; if (a === 3) break l; r.push(a); } } return r;',
        [1, 2],
      ],
      ['switch (3) { case 1: return "a"; default: case 2: return "b"; }', 'b'],
      [
        'try { null.f(); } catch ({ name }) { return [name, new AggregateError([1]).errors, Error("x").message]; }',
        ['TypeError', [1], 'x'],
      ],
    ],
  };

  /** What V8 11.3 does not have yet. */
  const newer = /withResolvers|groupBy|\.union\(|\.values\(\)\.filter|\.transfer\(/;

  describe('the language', async () => {
    const execution = await sandbox({ engine });

    it.each(Object.entries(rows))('%s', async (_name, cases) => {
      for (const [body, answer] of cases) {
        if (differs(engine, 'language') && newer.test(body)) continue;
        expect(await resultOf(execution, `async function main() { ${body} }`), body).toEqual(answer);
      }
    });
  });
});
