import { createHash } from 'node:crypto';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../src/canonical-json.ts';
import { commitment, committedNames, functionHash, receiptSalts } from '../src/index.ts';

const secret = new Uint8Array(32).fill(7);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a commitment', () => {
  it('is SHA-256 over label, part, salt and the content as canonical JSON', async () => {
    const { input } = await receiptSalts(secret);
    const expected = createHash('sha256')
      .update(encodeCanonical(['tee-receipt/1 commitment', 'input', input, '{"a":[1,null],"b":"x"}']))
      .digest('hex');
    expect(hex(await commitment('input', input, { b: 'x', a: [1, null] }))).toBe(expected);
  });

  it('of one part cannot pass for one of another, nor with another salt', async () => {
    const salts = await receiptSalts(secret);
    const all = await Promise.all([
      commitment('input', salts.input, 1),
      commitment('output', salts.input, 1),
      commitment('input', salts.output, 1),
      commitment('input', salts.input, 2),
    ]);
    expect(new Set(all.map(hex)).size).toBe(4);
  });

  it('has salts that tell nothing of each other', async () => {
    const { input, output, secretNames } = await receiptSalts(secret);
    expect(new Set([input, output, secretNames, secret].map(hex)).size).toBe(4);
  });

  it('to names does not depend on their order', () => {
    expect(committedNames({ zeta: 1, alpha: 2 })).toEqual(committedNames(['alpha', 'zeta']));
  });
});

describe('canonical JSON', () => {
  // The example of RFC 8785 §3.2.3 orders members by UTF-16 code units: the emoji before U+FB33.
  it('sorts members as RFC 8785 does', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    const order = Object.values(JSON.parse(canonicalJson(value).replace(/"1":/, '"#":')));
    expect(order).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  it('is one text for one value, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Parameters<typeof canonicalJson>[0]);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

describe('the hash of a function', () => {
  const source = { code: 'function main() { return 1 }' };

  it('does not depend on the order of files, capabilities and hosts', async () => {
    const files = { 'a.js': 'export {}', 'b.js': '' };
    const one = {
      ...source,
      files,
      capabilities: ['crypto' as const, 'eval' as const],
      http: { allow: ['x.org', 'a.org'] },
    };
    const other = {
      ...source,
      files: { 'b.js': '', 'a.js': 'export {}' },
      capabilities: ['eval' as const, 'crypto' as const],
      http: { allow: ['a.org', 'x.org'] },
    };
    expect(await functionHash(one)).toEqual(await functionHash(other));
  });

  it('depends on everything else', async () => {
    const all = await Promise.all([
      functionHash(source),
      functionHash({ ...source, kind: 'module' }),
      functionHash({ code: `${source.code} ` }),
      functionHash({ ...source, files: { 'a.js': '' } }),
      functionHash({ ...source, capabilities: ['crypto'] }),
      functionHash({ ...source, http: { allow: ['a.org'] } }),
      functionHash({ ...source, contract: 'ab'.repeat(32) }),
      functionHash({ ...source, storage: true }),
      functionHash({ ...source, storage: 'pinned' }),
    ]);
    expect(new Set(all.map(hex)).size).toBe(all.length);
  });

  it('of a script is that of a function without a kind', async () => {
    expect(await functionHash({ ...source, kind: 'script' })).toEqual(await functionHash(source));
  });
});
