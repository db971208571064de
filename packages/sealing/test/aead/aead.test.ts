import { readdirSync, readFileSync } from 'node:fs';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobleAes256Gcm, nobleChaCha20Poly1305 } from '../../src/aead/noble.ts';
import { type Aead, BlobSealer, DeviceKeys, nodeAes256Gcm, nodeChaCha20Poly1305, Sealer } from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });

function seal(aead: Aead, k: Uint8Array, n: Uint8Array, aad: Uint8Array, text: Uint8Array): Uint8Array {
  const into = new Uint8Array(text.length + 16);
  aead.seal(k, n, aad, text, into);
  return into;
}

const pairs = [
  ['AES-256-GCM', nodeAes256Gcm, nobleAes256Gcm],
  ['ChaCha20-Poly1305', nodeChaCha20Poly1305, nobleChaCha20Poly1305],
] as const;

const gcmKey = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308';
const gcmText =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const gcmCipher =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662';
const zeros = (bytes: number) => '00'.repeat(bytes);

/** McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16 (the AES-256 ones that NIST took over); RFC 8439 §2.8.2 and appendix A.5. */
const vectors = [
  ['GCM case 13', 0, zeros(32), zeros(12), '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
  [
    'GCM case 14',
    0,
    zeros(32),
    zeros(12),
    '',
    zeros(16),
    'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  ],
  [
    'GCM case 15',
    0,
    gcmKey,
    'cafebabefacedbaddecaf888',
    '',
    `${gcmText}1aafd255`,
    `${gcmCipher}898015adb094dac5d93471bdec1a502270e3cc6c`,
  ],
  [
    'GCM case 16',
    0,
    gcmKey,
    'cafebabefacedbaddecaf888',
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    gcmText,
    `${gcmCipher}76fc6ece0f4e1768cddf8853bb2d551b`,
  ],
  [
    'RFC 8439 2.8.2',
    1,
    '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    '070000004041424344454647',
    '50515253c0c1c2c3c4c5c6c7',
    Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ).toString('hex'),
    'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
  ],
] as const;

describe('every AEAD', () => {
  it.each(vectors)('gives the published answer: %s', (_name, pair, k, n, aad, text, answer) => {
    const [, node, noble] = pairs[pair];
    for (const aead of [node, noble]) {
      expect(Buffer.from(seal(aead, hex(k), hex(n), hex(aad), hex(text))).toString('hex')).toBe(answer);
      const into = new Uint8Array(text.length / 2);
      expect(aead.open(hex(k), hex(n), hex(aad), hex(answer), into)).toBe(true);
      expect(Buffer.from(into).toString('hex')).toBe(text);
    }
  });

  it.each(pairs)('%s has the same bytes from both implementations', (_name, node, noble) => {
    fc.assert(
      fc.property(key, nonce, fc.uint8Array(), fc.uint8Array({ maxLength: 300 }), (k, n, aad, text) => {
        const sealed = seal(node, k, n, aad, text);
        expect(sealed).toEqual(seal(noble, k, n, aad, text));
        for (const aead of [node, noble]) {
          const into = new Uint8Array(text.length);
          expect(aead.open(k, n, aad, sealed, into)).toBe(true);
          expect(into).toEqual(new Uint8Array(text));
        }
      }),
    );
  });

  it.each(pairs)('%s gives no plaintext for changed bytes', (_name, node, noble) => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(key, nonce, bytes, fc.nat(), (k, n, text, place) => {
        const sealed = seal(node, k, n, text, text);
        const at = place % sealed.length;
        sealed[at] = (sealed[at] ?? 0) ^ (1 << (place % 8));
        for (const aead of [node, noble]) {
          const into = new Uint8Array(text.length).fill(1);
          expect(aead.open(k, n, text, sealed, into)).toBe(false);
          expect(into).toEqual(new Uint8Array(text.length));
          expect(aead.open(k, n, text, sealed.subarray(0, 15), new Uint8Array())).toBe(false);
        }
      }),
    );
  });
});

describe('table-based AES', () => {
  it('is refused unless the caller says otherwise', async () => {
    const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
    expect(await codeOf(() => new Sealer(cpu(), { aead: nobleAes256Gcm }))).toBe('ERR_SEAL_TABLE_AES');
    const keys = new DeviceKeys(cpu()).withPolicy('enclave');
    expect(await codeOf(() => new BlobSealer(keys, { aead: nobleAes256Gcm }))).toBe('ERR_SEAL_TABLE_AES');
    const tool = new BlobSealer(keys, { aead: nobleAes256Gcm, allowTableAes: true });
    const blob = await tool.seal(Uint8Array.of(1, 2, 3));
    expect((await new BlobSealer(keys).open(blob)).data).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('is not in what an enclave imports: only the face "noble" knows it', () => {
    const source = new URL('../../src/', import.meta.url);
    const importers = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /from '(@noble|.*noble\.ts)/.test(readFileSync(new URL(file, source), 'utf8')));
    expect(importers).toEqual(['aead/noble.ts']);
  });
});
