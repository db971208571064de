import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultEngineUrl } from '../../src/built-files.ts';
import { defaultJavaScriptLimits } from '../../src/default-limits.ts';
import { CallRunner } from '../../src/engine/call-runner.ts';

/*
 * The parser tests of TC39 (npm test262-parser-tests): programs that are ECMAScript, that are not, and that an early
 * error forbids. They are of 2017: what the language has since allowed is listed, and so is what the engine takes that
 * it should not. Each list is exact: a program more or fewer is a change of the engine.
 */
const require = createRequire(import.meta.url);
const folder = new URL('./', pathToFileURL(require.resolve('test262-parser-tests/package.json')));

/** The engine refuses these although they are right: two labels on one loop, the outer one continued. */
const refused = ['1f3808cbdfab97e4.js', '7a405ea1fdb6a26e.js'];

/** Allowed by ECMAScript since: class fields, `\8` and `\9` in sloppy strings, U+2028 and U+2029 in strings. */
const allowedSince = [
  ...['98204d734f8c72b3.js', 'ef81b93cf9bdb4ec.js'],
  ...['0d5e450f1da8a92a.js', '748656edbfb2d0bb.js', '79f882da06f88c9f.js', '92b6af54adef3624.js'],
  ...['647e21f8f157c338.js', '8af69d8f15295ed2.js'],
];

/** The engine takes these although they are no ECMAScript. None of it reaches beyond its own function. */
const taken = [
  // Rest parameters of setters, lists as computed names, odd heads of for, defaults of catch,
  // import without semicolons; keywords as names of imports.
  ...['2f95824f19005b11.js', 'aae5dc521eff47c4.js', '3a9fa392421db6dd.js', '58707e130fe451a8.js'],
  ...['ea9e5f218423bd4f.js', 'ed0332c84e50834c.js', 'e3fbcf63d7e43ead.js', 'ef2d369cccc5386c.js'],
  ...['831b4a1caf3c5a06.js', '48dee14b7a3a3767.module.js', '98f5714a70195f28.module.js', 'f44552157bc0db6e.module.js'],
];

/** Early errors that it does not report: names declared twice in parameters and body or in a block, classes named eval. */
const takenEarly = [
  ...['0f5f47108da5c34e.js', '12a74c60f52a60de.js', '14c149e612ab4111.js', '1aff49273f3e3a98.js'],
  ...['4286a88aed2001ee.js', '58bb4a3a2d717d4f.js', '627ae2300901a0b1.js', '6bb272e52a903c4c.js'],
  ...['7a916ef0ccd4ea9c.js', '84ef3bbaa772075f.js', '93b1547f64fd0370.js', '987442878ab414e7.js'],
  ...['9ef7cc46ec36bb51.js', 'b01e3a73a92863c5.js', 'be7329119eaa3d47.js', 'cc23480bdd763207.js'],
  ...['d1779a4749085a10.js', 'd412cecc75edd30d.js', 'e1831477442a7ebf.js', 'ec31fa5e521c5df4.js'],
  ...['f1de9fc3ec4637cc.js'],
];

const runner = new CallRunner(new WebAssembly.Module(readFileSync(defaultEngineUrl())), 72 * 1024 * 1024, 0);
const limits = { ...defaultJavaScriptLimits, gas: 3_000_000 };

/** True when the engine takes a source for a program. What comes of running it does not matter. */
function isProgram(file: URL): boolean {
  const outcome = runner.run({
    code: readFileSync(file, 'utf8'),
    kind: file.pathname.endsWith('.module.js') ? 'module' : 'script',
    files: {},
    capabilities: [],
    tenant: '',
    payload: new TextEncoder().encode('[null,{},"",""]'),
    limits,
    nowMs: 0,
    seed: 1n,
  });
  runner.clean();
  if (outcome.status === 'ok' || outcome.code !== 'ERR_JS_SYNTAX') return true;
  // Its imports are there in nobody's files; looking for them comes after reading.
  const missing = outcome.missing?.import?.specifier;
  return missing !== undefined && outcome.thrown?.message.includes(missing) === true;
}

const sorted = (names: readonly string[]) => [...names].sort((a, b) => (a < b ? -1 : 1));

describe('programs of test262-parser-tests', () => {
  it.each([
    ['pass', true, 1_981, refused],
    ['fail', false, 731, [...allowedSince, ...taken]],
    ['early', false, 668, takenEarly],
  ] as const)('in %s are told apart, but for those listed', { timeout: 120_000 }, (name, right, count, exceptions) => {
    const files = readdirSync(new URL(`${name}/`, folder));
    expect(files).toHaveLength(count);
    const wrong = files.filter((file) => isProgram(new URL(`${name}/${file}`, folder)) !== right);
    expect(sorted(wrong)).toEqual(sorted(exceptions));
  });
});
