/** A program with what it must answer and cost. */
export interface ReferenceProgram {
  name: string;
  code: string;
  json: string;
  gas: number;
}

/**
 * The gas table: what programs cost with the pinned engine, default limits, seed 1 and time 0. It is the same on every
 * machine, in every process and V8 tier; an engine that differs in any of it is not the engine that was attested. Each
 * worker runs the first five before it takes calls.
 */
export const referencePrograms: readonly ReferenceProgram[] = [
  {
    name: 'answer',
    code: `const main = (n) => n;`,
    json: '7',
    gas: 3457,
  },
  {
    name: 'bigint',
    code: `const main = () => String(7n ** 500n).length;`,
    json: '423',
    gas: 6620,
  },
  {
    name: 'regex',
    code: `const main = () => 'a1b22c333'.repeat(50).match(/[a-z]\\d+(?=[a-z])/g).length;`,
    json: '149',
    gas: 32177,
  },
  {
    name: 'generator',
    code: `function* g() { for (let i = 0; i < 500; i++) yield i; } const main = () => [...g()].length;`,
    json: '500',
    gas: 31880,
  },
  {
    name: 'closures',
    code: `const main = () => Array.from({ length: 300 }, (_, i) => (x) => x + i).reduce((x, f) => f(x), 0);`,
    json: '44850',
    gas: 70453,
  },
  {
    name: 'big fill',
    code: `const main = () => new Uint8Array(500000).fill(3).copyWithin(1000, 0)[400000];`,
    json: '3',
    gas: 28032,
  },
  {
    name: 'fib',
    code: `const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); const main = () => fib(15);`,
    json: '610',
    gas: 59149,
  },
  {
    name: 'loop',
    code: `function main() { let s = 0; for (let i = 0; i < 20000; i++) s = (s * 31 + i) | 0; return s; }`,
    json: '-1237055728',
    gas: 838596,
  },
  {
    name: 'float',
    code: `function main() { let s = 0; for (let i = 1; i < 2000; i++) s += Math.sin(i) / Math.sqrt(i); return s; }`,
    json: '1.0410985228379044',
    gas: 169995,
  },
  {
    name: 'json',
    code: `const main = () => JSON.parse(JSON.stringify(Array.from({ length: 200 }, (_, i) => ({ i, s: 'x' + i })))).length;`,
    json: '200',
    gas: 196241,
  },
  {
    name: 'sort',
    code: `const main = () => Array.from({ length: 500 }, (_, i) => (i * 7919) % 503).sort((a, b) => a - b)[250];`,
    json: '251',
    gas: 155229,
  },
  {
    name: 'default sort',
    code: `const main = () => Array.from({ length: 500 }, (_, i) => (i * 7919) % 503).sort()[250];`,
    json: '325',
    gas: 87622,
  },
  {
    name: 'backtracking',
    code: `const main = () => /^(?:[a-z]+)+$/.test('a'.repeat(12) + '!');`,
    json: 'false',
    gas: 45572,
  },
  {
    name: 'strings',
    code: `function main() { let s = ''; for (let i = 0; i < 500; i++) s += String.fromCharCode(97 + (i % 26)); return s.split('a').join('b').toUpperCase().length; }`,
    json: '500',
    gas: 55338,
  },
  {
    name: 'map',
    code: `function main() { const m = new Map(); for (let i = 0; i < 1000; i++) m.set('k' + (i % 97), i); return [...m.values()].reduce((a, b) => a + b); }`,
    json: '92247',
    gas: 125730,
  },
  {
    name: 'typed array',
    code: `function main() { const a = new Uint32Array(4096).fill(7); for (let i = 1; i < a.length; i++) a[i] = (a[i - 1] * 33) ^ i; return a[4095]; }`,
    json: '4117551911',
    gas: 374949,
  },
  {
    name: 'classes',
    code: `class A { #x = 1; get x() { return this.#x; } } class B extends A { y() { return this.x + 1; } } const main = () => { let s = 0; for (let i = 0; i < 300; i++) s += new B().y(); return s; };`,
    json: '600',
    gas: 115695,
  },
  {
    name: 'async',
    code: `async function main() { let s = 0; for (let i = 0; i < 200; i++) s += await i; return s; }`,
    json: '19900',
    gas: 91459,
  },
  {
    name: 'exceptions',
    code: `function main() { let n = 0; for (let i = 0; i < 200; i++) try { null.x; } catch { n++; } return n; }`,
    json: '200',
    gas: 175163,
  },
  {
    name: 'deep recursion',
    code: `function main() { let depth = 0; const dig = () => { depth++; return dig() + 1; }; try { dig(); } catch {} return depth > 100; }`,
    json: 'true',
    gas: 34428,
  },
];
