import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { decodeHandOver, encodeHandOver } from '../src/index.ts';

describe('a hand-over file', () => {
  const file = { document: Uint8Array.of(1, 2), evidence: Uint8Array.of(3) };

  it('comes back from its bytes', () => {
    expect(decodeHandOver(encodeHandOver(file))).toEqual(file);
  });

  it('is nothing else', async () => {
    const bytes = encodeHandOver(file);
    for (let at = 0; at < bytes.length; at += 1) {
      expect((await thrownBy(() => decodeHandOver(bytes.subarray(0, at)))).code).toBe('ERR_SEAL_FORMAT');
    }
    expect((await thrownBy(() => decodeHandOver(Uint8Array.of(...bytes, 0)))).code).toBe('ERR_SEAL_FORMAT');
  });
});
