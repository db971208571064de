import { gcm } from '@noble/ciphers/aes.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aeadOpen, aeadSeal } from '../src/aead.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });

describe('AES-256-GCM', () => {
  it('gives the published answer (McGrew and Viega, test case 16)', () => {
    const sealed = aeadSeal(
      hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'),
      hex('cafebabefacedbaddecaf888'),
      hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
      hex(
        'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      ),
    );
    expect(Buffer.from(sealed).toString('hex')).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    );
  });

  it('agrees byte for byte with an independent implementation', () => {
    fc.assert(
      fc.property(key, nonce, fc.uint8Array(), fc.uint8Array({ maxLength: 300 }), (k, n, aad, text) => {
        const sealed = aeadSeal(k, n, aad, text);
        expect(sealed).toEqual(gcm(k, n, aad).encrypt(text));
        expect(aeadOpen(k, n, aad, sealed)).toEqual(new Uint8Array(text));
      }),
    );
  });

  it('opens nothing that is shorter than a tag', () => {
    expect(aeadOpen(new Uint8Array(32), new Uint8Array(12), new Uint8Array(), new Uint8Array(15))).toBeNull();
  });
});
