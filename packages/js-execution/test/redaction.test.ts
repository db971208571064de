import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redaction } from '../src/redaction.ts';

const secret = fc.string({ minLength: 6, maxLength: 40 });
const filler = fc.string({ maxLength: 40 });
const forms: ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => encodeURIComponent(text),
];

describe('redaction', () => {
  it('leaves no secret in a text, in any of its forms', () => {
    fc.assert(
      fc.property(secret, filler, filler, fc.integer({ min: 0, max: 4 }), (text, before, after, form) => {
        const written = forms[form]?.(text) ?? text;
        const clean = new Redaction({ nested: [{ text }] }).apply(before + written + after);
        // A secret may itself be a piece of the mark.
        if (!'[redacted]'.includes(written)) expect(clean.replaceAll('[redacted]', '')).not.toContain(written);
      }),
    );
  });

  it('leaves texts without a secret as they are', () => {
    expect(new Redaction({ key: 'hunter22' }).apply('nothing here: hunter2')).toBe('nothing here: hunter2');
  });

  it('leaves secrets shorter than six characters, which would destroy every message', () => {
    expect(new Redaction({ a: '1', b: true, c: null, d: 'short' }).apply('1 true null short')).toBe(
      '1 true null short',
    );
  });

  it('removes the beginning of a secret at the end of a text that was cut', () => {
    const redaction = new Redaction({ key: 'correct-horse-battery' });
    expect(redaction.applyToCut('the key is correct-hor')).toBe('the key is [redacted]');
    expect(redaction.applyToCut('the key is correct-horse-battery')).toBe('the key is [redacted]');
    expect(redaction.applyToCut('nothing of it')).toBe('nothing of it');
  });

  it('replaces the longer of two secrets that share a beginning', () => {
    expect(new Redaction({ a: 'abcdef', b: 'abcdefghi' }).apply('abcdefghi')).toBe('[redacted]');
  });
});
