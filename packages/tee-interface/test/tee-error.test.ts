import { describe, expect, it } from 'vitest';
import { errorCodes, isTeeError, isTeeErrorCode, TeeError } from '../src/index.ts';

describe('TeeError', () => {
  it('crosses a wire with everything but its stack and cause', () => {
    const error = new TeeError('ERR_JS_USER', 'it broke', {
      expected: 'a',
      actual: 'b',
      hint: 'c',
      details: { line: 3 },
      cause: new Error('inner'),
    });
    const wire = JSON.parse(JSON.stringify(error));
    expect(new Set(Object.keys(wire))).toEqual(new Set(['code', 'message', 'expected', 'actual', 'hint', 'details']));
    expect(TeeError.fromJSON(wire)).toMatchObject({ code: 'ERR_JS_USER', message: 'it broke', details: { line: 3 } });
  });

  it('does not invent a code it does not know', () => {
    const error = TeeError.fromJSON({ code: 'toString', message: 'x' });
    expect(error).toMatchObject({ code: 'ERR_INTERNAL', message: 'toString: x' });
  });

  it('is recognised by its shape, so two copies of the package understand each other', () => {
    expect(isTeeError(new TeeError('ERR_BUSY', 'x'))).toBe(true);
    expect(isTeeError(Object.assign(new Error('x'), { code: 'ERR_BUSY' }))).toBe(false);
    expect(isTeeError({ name: 'TeeError', code: 'ERR_BUSY' })).toBe(false);
  });

  it('documents every code with a sentence', () => {
    for (const [code, text] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^ERR_[A-Z0-9_]+$/);
      expect(text).toMatch(/\.$/);
    }
    expect(isTeeErrorCode('constructor')).toBe(false);
  });
});
