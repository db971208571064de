import { describe, expect, it } from 'vitest';
import { channelCrypto as node } from '../src/crypto/node.ts';
import { channelCrypto as web } from '../src/crypto/web.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const backends = { node, web };

/** RFC 9180 appendix A.7: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export-only AEAD; exactly the suite of the channel. */
const rfc9180 = {
  'A.7.1, base': {
    enc: 'e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918',
    secretKey: '33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848',
    publicKey: '194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664',
    psk: {},
    exports: [
      '7a36221bd56d50fb51ee65edfd98d06a23c4dc87085aa5866cb7087244bd2a36',
      'd5535b87099c6c3ce80dc112a2671c6ec8e811a2f284f948cec6dd1708ee33f0',
      'ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e',
    ],
  },
  'A.7.2, PSK': {
    enc: 'd3805a97cbcd5f08babd21221d3e6b362a700572d14f9bbeb94ec078d051ae3d',
    secretKey: '98f304d4ecb312689690b113973c61ffe0aa7c13f2fbe365e48f3ed09e5a6a0c',
    publicKey: 'd53af36ea5f58f8868bb4a1333ed4cc47e7a63b0040eb54c77b9c8ec456da824',
    psk: {
      psk: hex('0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82'),
      pskId: hex('456e6e796e20447572696e206172616e204d6f726961'),
    },
    exports: [
      'be6c76955334376aa23e936be013ba8bbae90ae74ed995c1c6157e6f08dd5316',
      '1721ed2aa852f84d44ad020c2e2be4e2e6375098bf48775a533505fd56a3f416',
      '7c9d79876a288507b81a5a52365a7d39cc0fa3f07e34172984f96fec07c44cba',
    ],
  },
};

describe.each(Object.entries(rfc9180))('RFC 9180 %s', (_name, vector) => {
  it.each(Object.entries(backends))('is what %s computes', async (_backend, { hpke }) => {
    const privateKey = await hpke.DeserializePrivateKey(hex(vector.secretKey), true);
    const publicKey = await hpke.DeserializePublicKey(hex(vector.publicKey));
    expect(toHex(await hpke.SerializePublicKey(publicKey))).toBe(vector.publicKey);
    expect(toHex(await hpke.SerializePrivateKey(privateKey))).toBe(vector.secretKey);
    const context = await hpke.SetupRecipient({ privateKey, publicKey }, hex(vector.enc), {
      info: hex('4f6465206f6e2061204772656369616e2055726e'),
      ...vector.psk,
    });
    const contexts = ['', '00', '54657374436f6e74657874'];
    const exports = await Promise.all(contexts.map((text) => context.Export(hex(text), 32)));
    expect(exports.map(toHex)).toEqual(vector.exports);
  });
});

describe('the two implementations', () => {
  it.each([
    ['node', 'web'],
    ['web', 'node'],
    ['node', 'node'],
  ] as const)('agree on keys: sent with %s, received with %s', async (sender, receiver) => {
    const recipient = await backends[receiver].hpke.GenerateKeyPair();
    const raw = await backends[receiver].hpke.SerializePublicKey(recipient.publicKey);
    const [info, context] = [new Uint8Array(70).fill(1), new Uint8Array(18).fill(2)];
    const psk = { psk: new Uint8Array(32).fill(3), pskId: new Uint8Array(32).fill(4) };
    for (const options of [{ info }, { info, ...psk }]) {
      const key = await backends[sender].hpke.DeserializePublicKey(raw);
      const sent = await backends[sender].hpke.SendExport(key, context, 108, options);
      const received = await backends[receiver].hpke.ReceiveExport(
        recipient,
        sent.encapsulatedSecret,
        context,
        108,
        options,
      );
      expect(toHex(received)).toBe(toHex(sent.exportedSecret));
    }
  });

  it('derive the same key pair from the same bytes', async () => {
    const seed = new Uint8Array(32).fill(9);
    const pairs = await Promise.all([node, web].map(({ hpke }) => hpke.DeriveKeyPair(seed, true)));
    const raw = await Promise.all([
      node.hpke.SerializePrivateKey(pairs[0]?.privateKey ?? Object.create(null)),
      web.hpke.SerializePrivateKey(pairs[1]?.privateKey ?? Object.create(null)),
    ]);
    expect(toHex(raw[0])).toBe(toHex(raw[1]));
  });

  it.each([
    [node, web],
    [web, node],
  ])('open what the other sealed, and nothing that was changed', async (one, other) => {
    const raw = new Uint8Array(32).fill(5);
    const [a, b] = [await one.aeadKey(raw), await other.aeadKey(raw)];
    const [nonce, aad] = [new Uint8Array(12).fill(6), new Uint8Array(5)];
    for (const length of [0, 1, 1000, 65_536]) {
      const plaintext = one.randomBytes(length);
      const sealed = await a.seal(nonce, aad, plaintext);
      expect(sealed).toHaveLength(length + 16);
      expect(await b.open(nonce, aad, sealed)).toEqual(plaintext);
      const changed = sealed.slice();
      changed[length >> 1] = (changed[length >> 1] ?? 0) ^ 1;
      expect(await b.open(nonce, aad, changed)).toBeNull();
      expect(await b.open(nonce, new Uint8Array(6), sealed)).toBeNull();
      expect(await b.open(nonce, aad, sealed.subarray(0, 15))).toBeNull();
    }
  });

  it.each([
    [node, web],
    [web, node],
  ])('derive, hash and verify alike', async (one, other) => {
    const secret = new Uint8Array(32).fill(7);
    const [a, b] = [await one.derivationKey(secret), await other.derivationKey(secret)];
    for (const [salt, length] of [
      [new Uint8Array(), 32],
      [new Uint8Array(64).fill(8), 44],
      [new Uint8Array(100), 108],
    ] as const) {
      expect(await a.derive(salt, new Uint8Array(20), length)).toEqual(
        await b.derive(salt, new Uint8Array(20), length),
      );
    }
    const bytes = one.randomBytes(77);
    expect(await one.sha256(bytes)).toEqual(await other.sha256(bytes));
    const key = await one.generateSigningKey();
    const signature = await key.sign(bytes);
    expect(await other.verifySignature(key.publicKey, bytes, signature)).toBe(true);
    expect(await other.verifySignature(key.publicKey, bytes.subarray(1), signature)).toBe(false);
    for (const bad of [new Uint8Array(), new Uint8Array(31), new Uint8Array(33), new Uint8Array(32).fill(0xff)]) {
      expect(await one.verifySignature(bad, bytes, signature)).toBe(false);
    }
  });
});

describe('a signing key of a seed', () => {
  // RFC 8032 §7.1, test 1.
  const seed = hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');

  it.each(Object.entries(backends))('is that of RFC 8032 with %s', async (_backend, { importSigningKey }) => {
    const key = await importSigningKey(seed);
    expect(toHex(key.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(toHex(await key.sign(new Uint8Array()))).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  it.each(Object.entries(backends))('is none with another length: %s', async (_backend, { importSigningKey }) => {
    await expect(importSigningKey(seed.subarray(1))).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  });
});
