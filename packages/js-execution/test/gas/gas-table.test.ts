import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultEngineUrl } from '../../src/built-files.ts';
import { CallRunner } from '../../src/engine/call-runner.ts';
import { referencePrograms } from '../../src/engine/reference-programs.ts';
import { runReference, selfTest } from '../../src/engine/self-test.ts';

const table = referencePrograms.map(({ json, gas }) => ({ json, gas }));
const script = fileURLToPath(new URL('measure.mjs', import.meta.url));
/** A main thread has less stack than the workers get, in which code that is not optimized could not recurse as deep. */
const asInWorkers = ['--stack-size=3900'];
const runner = new CallRunner(new WebAssembly.Module(readFileSync(defaultEngineUrl())), 72 * 1024 * 1024, 0);

describe('the gas table', () => {
  it('has 20 programs and holds here', () => {
    expect(table).toHaveLength(20);
    expect(referencePrograms.map(({ code }) => runReference(runner, code))).toEqual(table);
  });

  it.each([
    ['a process of its own', []],
    ['another', []],
    ['no optimizing JavaScript compiler', ['--no-opt']],
    ['no baseline WebAssembly compiler', ['--no-liftoff']],
    ['only the baseline WebAssembly compiler', ['--liftoff-only']],
    ['bounds checks in code instead of by trap', ['--disable-wasm-trap-handler']],
  ])('holds in %s', (_what, flags) => {
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, ...asInWorkers, script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(table);
  });

  it('is what an engine must keep to before it serves', () => {
    const [first] = referencePrograms;
    if (first === undefined) throw new Error('the table is empty');
    selfTest(runner, referencePrograms);
    expect(() => selfTest(runner, [{ ...first, gas: first.gas + 1 }])).toThrow();
    expect(() => selfTest(runner, [{ ...first, json: '8' }])).toThrow();
  });
});
