import { describe, expect, it } from 'vitest';
import { crypto } from '#crypto';
import { crypto as web } from '../src/crypto/web.ts';

describe('the web configuration', () => {
  it('runs on WebCrypto', () => {
    expect(crypto).toBe(web);
  });
});
