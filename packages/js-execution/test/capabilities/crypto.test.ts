import { createPublicKey, verify } from 'node:crypto';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { differs } from '../conformance/differences.ts';
import { onEveryEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const run = (expression: string, input: string | null = null) =>
    resultOf(
      execution,
      `const hex = (text) => Uint8Array.fromHex(text); const main = async (input) => ${expression};`,
      {
        capabilities: ['crypto'],
        input,
      },
    );
  const failureOf = (expression: string, capabilities: 'crypto'[] = ['crypto']) =>
    thrownBy(() => execution.executeJavaScript(callOf(`const main = async () => ${expression};`, { capabilities })));

  describe('crypto', () => {
    it('hashes (FIPS 180-4 examples)', async () => {
      const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      expect(await run('(await crypto.hash("sha256", "abc")).toHex()')).toBe(sha256);
      expect(await run('(await crypto.hash("sha256", new TextEncoder().encode("abc").buffer)).toHex()')).toBe(sha256);
      expect(await run('(await crypto.hash("sha512", "abc")).toHex().slice(0, 32)')).toBe(
        'ddaf35a193617abacc417349ae204131',
      );
    });

    it('computes HMAC (RFC 4231, case 2) and HKDF (RFC 5869, case 1)', async () => {
      expect(await run('(await crypto.hmac("sha256", "Jefe", "what do ya want for nothing?")).toHex()')).toBe(
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
      const okm = '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';
      const given = 'hex("0b".repeat(22)), hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42';
      expect(await run(`(await crypto.hkdf("sha256", ${given})).toHex()`)).toBe(okm);
    });

    it('encrypts with AES-256-GCM (McGrew and Viega, case 14) and refuses what was changed', async () => {
      const sealed = 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919';
      const [key, nonce] = ['new Uint8Array(32)', 'new Uint8Array(12)'];
      expect(await run(`(await crypto.encrypt(${key}, ${nonce}, new Uint8Array(16))).toHex()`)).toBe(sealed);
      expect(await run(`(await crypto.decrypt(${key}, ${nonce}, hex(input))).toHex()`, sealed)).toBe('00'.repeat(16));
      const changed = `d${sealed.slice(1)}`;
      const error = await thrownBy(() => run(`(await crypto.decrypt(${key}, ${nonce}, hex(input))).toHex()`, changed));
      expect(error.code).toBe('ERR_JS_USER');
      expect((await failureOf(`crypto.decrypt(${key}, ${nonce}, new Uint8Array(20), "other")`)).code).toBe(
        'ERR_JS_USER',
      );
    });

    it('signs with Ed25519 (RFC 8032, test 1)', async () => {
      const key = 'hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")';
      const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
      const signature =
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
      expect(await run(`(await crypto.publicKey("ed25519", ${key})).toHex()`)).toBe(publicKey);
      expect(await run(`(await crypto.sign("ed25519", ${key}, "")).toHex()`)).toBe(signature);
      expect(await run(`crypto.verify("ed25519", hex("${publicKey}"), hex("${signature}"), "")`)).toBe(true);
      expect(await run(`crypto.verify("ed25519", hex("${publicKey}"), hex("${signature}"), "x")`)).toBe(false);
    });

    it('signs with secp256k1 so that others can verify it, with low s only', async () => {
      const code = `(async () => {
      const key = new Uint8Array(32).fill(9);
      const point = await crypto.publicKey("secp256k1", key);
      const signature = await crypto.sign("secp256k1", key, "message");
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const s = order - BigInt("0x" + signature.slice(32).toHex());
      const high = hex(signature.slice(0, 32).toHex() + s.toString(16).padStart(64, "0"));
      const verify = (given) => crypto.verify("secp256k1", point, given, "message");
      return [point.toHex(), signature.toHex(), await verify(signature), await verify(high)];
    })()`;
      for (let i = 0; i < 4; i += 1) {
        const [point, signature, low, high] = JSON.parse(JSON.stringify(await run(code)));
        expect([low, high]).toEqual([true, false]);
        const spki = Buffer.from(`3036301006072a8648ce3d020106052b8104000a032200${point}`, 'hex');
        const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
        const given = Buffer.from(signature, 'hex');
        expect(verify('sha256', Buffer.from('message'), { key, dsaEncoding: 'ieee-p1363' }, given)).toBe(true);
      }
    });

    it('gives other random bytes each time', async () => {
      expect(await run('(await crypto.randomBytes(32)).toHex()')).not.toBe(
        await run('(await crypto.randomBytes(32)).toHex()'),
      );
    });

    it.each([
      ['crypto.hash("md5", "")', 'TypeError'],
      ['crypto.hash("sha256", 5)', 'TypeError'],
      ['crypto.encrypt("short", "n", "")', 'RangeError'],
      ['crypto.randomBytes(1e9)', 'RangeError'],
      ['crypto.randomBytes(NaN)', 'RangeError'],
      ['crypto.sign("p256", new Uint8Array(32), "")', 'TypeError'],
      ['crypto.sign("secp256k1", new Uint8Array(32), "")', 'RangeError'],
      ['crypto.verify("secp256k1", new Uint8Array(33), new Uint8Array(64), "")', 'RangeError'],
      ['crypto.hkdf("sha256", "", "", "", 1e6)', 'RangeError'],
    ])('refuses bad arguments with an error of the guest: %s', async (expression, name) => {
      expect(await failureOf(expression)).toMatchObject({ code: 'ERR_JS_USER', details: { name } });
    });

    it('is denied unless granted, which a function may catch', async () => {
      expect((await failureOf('crypto.hash("sha256", "")', [])).code).toBe('ERR_JS_CAPABILITY_DENIED');
      const caught = 'async function main() { try { await crypto.randomBytes(1); } catch { return "caught"; } }';
      expect(await resultOf(execution, caught)).toBe('caught');
      const forged =
        'const main = () => { throw new Error("the capability crypto is not granted to this function"); };';
      expect((await thrownBy(() => resultOf(execution, forged))).code).toBe('ERR_JS_USER');
    });

    it.skipIf(differs(engine, 'gas'))('costs gas by the work it makes, and stops when that is gone', async () => {
      const gas = async (size: number) => {
        const code = `const main = async () => (await crypto.hash("sha256", new Uint8Array(${size}))).length;`;
        return (await execution.executeJavaScript(callOf(code, { capabilities: ['crypto'] }))).gasUsed;
      };
      expect(await gas(640_000)).toBeGreaterThan((await gas(64)) + 400_000);
      const endless = 'async function main() { for (;;) await crypto.sign("ed25519", new Uint8Array(32), ""); }';
      const error = await thrownBy(() =>
        resultOf(execution, endless, { capabilities: ['crypto'], limits: { gas: 3_000_000 } }),
      );
      expect(error.code).toBe('ERR_JS_GAS');
    });

    it('refuses a capability that does not exist', async () => {
      const wanted = JSON.parse('{"capabilities":["fs"]}');
      expect((await thrownBy(() => resultOf(execution, 'const main = () => 1;', wanted))).code).toBe(
        'ERR_INVALID_ARGUMENT',
      );
    });
  });
});
