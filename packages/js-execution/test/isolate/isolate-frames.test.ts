import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIsolateStack } from '../../src/isolate/isolate-frames.ts';
import { copiedThrown, syntaxThrown } from '../../src/isolate/isolate-thrown.ts';

const source = 'const wröng = 1;\nfunction main() {}';
const sourceOf = (file: string) => (file === 'main.js' ? source : undefined);

describe('a stack trace of V8', () => {
  it('is read frame by frame, of the function’s own files, down to the border of the isolate', () => {
    const stack = [
      'TypeError: at x (main.js:1:1) is no frame of mine',
      '    at helper (main.js:2:3)',
      '    at Array.map (<anonymous>)',
      '    at async Object.main [as other] (main.js:2:1)',
      '    at new Thing (main.js:1:2)',
      '    at main.js:1:12',
      '    at attempt (<sandbox>:8:7)',
      '    at file:///tmp/host.js:1:1',
      '    at (<isolated-vm boundary>)',
      '    at host (main.js:1:1)',
    ].join('\n');
    expect(parseIsolateStack(stack, sourceOf)).toEqual([
      { function: 'helper', file: 'main.js', line: 2, column: 3 },
      { function: 'map' },
      { function: 'main', file: 'main.js', line: 2, column: 1 },
      { function: 'Thing', file: 'main.js', line: 1, column: 2 },
      // Columns are bytes here, until the user's source is at hand.
      { function: '<anonymous>', file: 'main.js', line: 1, column: 13 },
    ]);
  });

  it('may be anything: the guest writes it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(parseIsolateStack(`at ${text}\n${text}`, () => text).length).toBeLessThanOrEqual(50);
      }),
    );
    expect(parseIsolateStack(`at ${'a '.repeat(50_000)}(main.js:1:1`, sourceOf).length).toBeLessThanOrEqual(1);
  });
});

describe('an error that isolated-vm copied', () => {
  it('of syntax has the place at the end of its message', () => {
    const error = new SyntaxError("Unexpected token ';' [main.js:1:7]");
    const frames = [{ function: '<anonymous>', file: 'main.js', line: 1, column: 7 }];
    expect(syntaxThrown(error, sourceOf)).toMatchObject({
      name: 'SyntaxError',
      message: "Unexpected token ';'",
      frames,
    });
    expect(syntaxThrown(new SyntaxError('no place'), sourceOf)).toMatchObject({ message: 'no place', frames: [] });
  });

  it('may be any value', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { name, message } = copiedThrown(value, sourceOf);
        expect([typeof name, typeof message]).toEqual(['string', 'string']);
      }),
    );
  });
});
