import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStack } from '../../src/engine/stack-frames.ts';
import { parseThrown } from '../../src/engine/thrown.ts';

describe('a stack trace', () => {
  it('is read frame by frame, without those of the prelude', () => {
    const stack = '    at f (main.js:2:3)\n    at map (native)\n    at main.js:9:1\n    at run (<sandbox>:8:7)\n';
    expect(parseStack(stack)).toEqual([
      { function: 'f', file: 'main.js', line: 2, column: 3 },
      { function: 'map' },
      { function: '<anonymous>', file: 'main.js', line: 9, column: 1 },
    ]);
  });

  it('may be anything: the guest writes it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(parseStack(`at ${text}\n${text}`).length).toBeLessThanOrEqual(50);
      }),
    );
    expect(parseStack(`at ${'a '.repeat(50_000)}(main.js:1:1`).length).toBeLessThanOrEqual(1);
  });
});

describe('the description of a thrown value', () => {
  it('is taken over only in its shape: the guest’s realm wrote it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (json) => {
        const { name, message, frames, causes } = parseThrown(json);
        expect([typeof name, typeof message]).toEqual(['string', 'string']);
        expect(frames.length + causes.length).toBeLessThanOrEqual(53);
      }),
    );
  });
});
