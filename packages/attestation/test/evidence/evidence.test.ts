import { createHash } from 'node:crypto';
import { decodeEvidenceBundle, encodeEvidenceBundle, isTeeError, type Verdict } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildEvidence,
  checkEvidence,
  encodeClaims,
  readClaimsLabel,
  reportDataFor,
} from '../../src/evidence/index.ts';
import { parseQuote } from '../../src/index.ts';
import { rawSignature } from '../helpers/test-keys.ts';
import { type Faults, type TestEvidence, testEvidence, testKeys, testNow } from '../helpers/test-pki.ts';
import { reportBody, type TestQuoteKind } from '../helpers/test-quote.ts';
import { collateralOf, flipBit, readCase, vectorsFolder } from '../helpers/vectors.ts';
import { testClient, testServer } from '../service/support/clients.ts';

const label = 'test/1 evidence';
const claims = encodeClaims(label, Uint8Array.of(1, 2, 3), 'a string', 7);
const policy = { mrEnclave: ['ee'.repeat(32)] };

/** A source whose quotes have the report data that it is asked for. */
function enclave(faults: Faults = {}): { evidence: TestEvidence; quote(reportData: Uint8Array): Promise<Uint8Array> } {
  const quote = async (reportData: Uint8Array) => {
    const made = testEvidence({ ...faults, quote: { ...faults.quote, enclave: reportBody({ reportData }) } }).quote;
    return faults.kind === 'td10-v4' ? signAnew(made, reportData) : made;
  };
  return { evidence: testEvidence(faults), quote };
}

/** The quote (version 4) of a TD 1.0, in which header and body take 632 bytes, with other report data. */
function signAnew(quote: Uint8Array, reportData: Uint8Array): Uint8Array {
  const copy = quote.slice();
  copy.set(reportData, 632 - 64);
  copy.set(rawSignature(testKeys.attestation, copy.subarray(0, 632)), 632 + 4);
  return copy;
}

async function document(faults: Faults = {}, of = claims) {
  const { evidence, quote } = enclave(faults);
  return { ...evidence, bytes: await buildEvidence({ quote: { quote }, claims: of, collateral: evidence.collateral }) };
}

/** Everything of a verdict but the words, which may say that a root came in another encoding. */
function gist({ checks, ...verdict }: Verdict) {
  return { ...verdict, checks: checks.map(({ name, ok }) => `${name} ${ok}`) };
}

function check(bytes: Uint8Array, trustAnchors: Uint8Array[], rest: { label?: string; now?: number } = {}) {
  return checkEvidence(bytes, policy, { now: testNow, label, trustAnchors, ...rest });
}

describe('the report data of claims', () => {
  it('is SHA-512 over a canonical CBOR array that starts with a label', async () => {
    expect(claims).toEqual(encodeCanonical([label, Uint8Array.of(1, 2, 3), 'a string', 7]));
    expect(Buffer.from(await reportDataFor(claims))).toEqual(createHash('sha512').update(claims).digest());
    expect(readClaimsLabel(claims)).toBe(label);
  });

  it('is another one for every other label and every other claims', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        fc.uint8Array(),
        async (a, b, bytes) => {
          fc.pre(a !== b);
          expect(await reportDataFor(encodeClaims(a, bytes))).not.toEqual(await reportDataFor(encodeClaims(b, bytes)));
          expect(await reportDataFor(encodeClaims(a, b))).not.toEqual(await reportDataFor(encodeClaims(b, a)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('exists for nothing but labelled claims in canonical form', async () => {
    const none = [
      new Uint8Array(),
      Uint8Array.of(0x80),
      encodeCanonical('label'),
      encodeCanonical([1, 'label']),
      encodeCanonical(['', 1]),
      encodeCanonical(new Map([['label', 1]])),
      Uint8Array.of(...claims, 0),
      // The label with its length in two bytes where one would do.
      Uint8Array.of(0x81, 0x78, 0x01, 0x61),
      encodeCanonical([label, new Uint8Array(70_000)]),
    ];
    for (const bytes of none) expect(await thrownBy(() => reportDataFor(bytes))).toMatchObject({ code: 'ERR_CBOR' });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        const error = await reportDataFor(bytes).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error !== null) expect(isTeeError(error)).toBe(true);
      }),
    );
  });
});

describe('a document of evidence', () => {
  const kinds: TestQuoteKind[] = ['sgx-v3', 'sgx-v4', 'sgx-v5', 'td10-v4'];
  for (const kind of kinds) {
    it(`is checked offline and gives its claims: ${kind}`, async () => {
      const { bytes, trustAnchors } = await document({ kind });
      const which = kind === 'td10-v4' ? { mrTd: ['7d'.repeat(48)] } : policy;
      const { verdict, claims: found } = await checkEvidence(bytes, which, { now: testNow, label, trustAnchors });
      expect(verdict).toMatchObject({ ok: true, status: 'UpToDate', error: null });
      expect(found).toEqual(claims);
      const names = verdict.checks.map(({ name }) => name);
      expect(names.slice(0, 2)).toEqual(['evidence.format', 'quote.format']);
      expect(names.slice(-3)).toEqual(['evidence.quote', 'evidence.label', 'evidence.binding']);
    });
  }

  it('gives back whatever claims it was made of', async () => {
    const values = fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 30 }), values, async (name, fields) => {
        const of = encodeClaims(name, ...fields);
        const { bytes, trustAnchors } = await document({}, of);
        const result = await check(bytes, trustAnchors, { label: name });
        expect(result.verdict.ok).toBe(true);
        expect(result.claims).toEqual(of);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves out what trails the quote, and is refused with it', async () => {
    const { evidence, quote } = enclave();
    const { collateral, trustAnchors } = evidence;
    const padded = { quote: async (data: Uint8Array) => Uint8Array.of(...(await quote(data)), ...new Uint8Array(70)) };
    const bytes = await buildEvidence({ quote: padded, claims, collateral });
    expect((await check(bytes, trustAnchors)).verdict.ok).toBe(true);
    const bundle = decodeEvidenceBundle(bytes);
    const trailing = encodeEvidenceBundle({ ...bundle, quote: Uint8Array.of(...bundle.quote, 0) });
    expect(await check(trailing, trustAnchors)).toMatchObject({
      verdict: { ok: false, error: { code: 'ERR_QUOTE_FORMAT' } },
      claims: null,
    });
  });

  it('takes its collateral from whoever has it', async () => {
    const { evidence, quote } = enclave();
    const asked: Uint8Array[] = [];
    const collateralFor = async (of: Uint8Array) => {
      asked.push(of);
      return { collateral: evidence.collateral };
    };
    const bytes = await buildEvidence({ quote: { quote }, claims, collateral: { collateralFor } });
    expect((await check(bytes, evidence.trustAnchors)).verdict.ok).toBe(true);
    expect(asked).toEqual([decodeEvidenceBundle(bytes).quote]);
  });

  it('is not made of a quote that commits to something else', async () => {
    const { evidence } = enclave();
    const replayed = { quote: async () => evidence.quote };
    for (const quote of [replayed, evidence.quote]) {
      const error = await thrownBy(() => buildEvidence({ quote, claims, collateral: evidence.collateral }));
      expect(error).toMatchObject({ code: 'ERR_EVIDENCE_BINDING' });
    }
  });
});

describe('a document that lies', () => {
  it('gives no claims when they are not those that the quote commits to', async () => {
    const { bytes, trustAnchors } = await document();
    const forged = encodeEvidenceBundle({ ...decodeEvidenceBundle(bytes), claims: encodeClaims(label, 'other') });
    const { verdict, claims: found } = await check(forged, trustAnchors);
    expect(found).toBeNull();
    expect(verdict).toMatchObject({ ok: false, status: 'UpToDate', error: { code: 'ERR_EVIDENCE_BINDING' } });
    expect(verdict.checks.at(-1)).toMatchObject({ name: 'evidence.binding', ok: false });
  });

  it('gives no claims that are for another purpose, even when they are bound', async () => {
    const { bytes, trustAnchors } = await document({}, encodeClaims('tee-report/1', claims));
    const { verdict, claims: found } = await check(bytes, trustAnchors);
    expect(verdict).toMatchObject({ ok: false, error: { code: 'ERR_EVIDENCE_LABEL' } });
    expect(verdict.checks.at(-1)).toMatchObject({ name: 'evidence.binding', ok: true });
    expect(found).toBeNull();
  });

  it('gives no claims when the policy is not met, the collateral is not fresh, or the root is another', async () => {
    const { bytes, trustAnchors } = await document();
    const cases = [
      ['ERR_CERT_UNTRUSTED_ROOT', await checkEvidence(bytes, policy, { now: testNow, label })],
      ['ERR_CRL_EXPIRED', await check(bytes, trustAnchors, { now: testNow + 25 * 86_400 })],
      [
        'ERR_MRENCLAVE_MISMATCH',
        await checkEvidence(bytes, { mrEnclave: ['ab'.repeat(32)] }, { now: testNow, label, trustAnchors }),
      ],
    ] as const;
    for (const [code, result] of cases) {
      expect(result).toMatchObject({ verdict: { ok: false, error: { code } }, claims: null });
    }
  });

  it('is a refusal in words when it is no document', async () => {
    const { bytes, trustAnchors } = await document();
    const bundle = decodeEvidenceBundle(bytes);
    const documents = [
      new Uint8Array(),
      bytes.subarray(0, bytes.length - 1),
      Uint8Array.of(...bytes, 0),
      encodeCanonical(
        new Map([
          ['quote', bundle.quote],
          ['claims', bundle.claims],
        ]),
      ),
      encodeCanonical([bundle.quote, bundle.claims]),
      new Uint8Array(5 * 1024 * 1024),
    ];
    for (const bad of documents) {
      const result = await check(bad, trustAnchors);
      expect(result).toMatchObject({ verdict: { ok: false, error: { code: 'ERR_CBOR' }, claims: null }, claims: null });
      expect(result.verdict.checks.map(({ name }) => name)).toEqual(['evidence.format']);
    }
  });

  it('never says something else with any one bit flipped', async () => {
    const { bytes, trustAnchors } = await document();
    const good = await check(bytes, trustAnchors);
    const unharmed = async (byte: number, bit: number) => {
      const { verdict, claims: found } = await check(flipBit(bytes, byte, bit), trustAnchors);
      expect(found === null).toBe(!verdict.ok);
      if (!verdict.ok) return false;
      expect(found).toEqual(claims);
      expect(gist(verdict)).toEqual(gist(good.verdict));
      return true;
    };
    // Every bit of the claims and of the quote's signed part, and of the rest a sample.
    const buffer = Buffer.from(bytes);
    const spans = [
      [buffer.indexOf(claims), claims.length],
      [buffer.indexOf(decodeEvidenceBundle(bytes).quote) + 48 + 320, 64],
    ] as const;
    for (const [start, length] of spans) {
      for (let at = 0; at < length * 8; at += 1) expect(await unharmed(start + (at >> 3), at & 7)).toBe(false);
    }
    let survived = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (byte, bit) => {
          if (await unharmed(byte, bit)) survived += 1;
        },
      ),
      { numRuns: 500 },
    );
    // Some bits carry nothing: those of a root certificate that is recognised by its key, for one.
    expect(survived).toBeLessThan(150);
  });

  it('throws for nothing that anyone may send, and for misuse alone', async () => {
    const { trustAnchors } = testEvidence();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await check(bytes, trustAnchors)).verdict.ok).toBe(false);
      }),
    );
    const nothing = new Uint8Array();
    expect(await thrownBy(() => check(nothing, trustAnchors, { now: Number.NaN }))).toMatchObject({
      code: 'ERR_CLOCK',
    });
    expect(await thrownBy(() => check(nothing, []))).toMatchObject({ code: 'ERR_TRUST_ANCHOR' });
    expect(await thrownBy(() => checkEvidence(nothing, {}, { now: testNow, label }))).toMatchObject({
      code: 'ERR_POLICY_EMPTY',
    });
  });
});

describe('evidence with collateral of a service', () => {
  it('is built and checked with nothing but the document', async () => {
    const { server, evidence } = await testServer();
    const { service } = testClient(server, evidence);
    const bytes = await buildEvidence({ quote: { quote: enclave().quote }, claims, collateral: service });
    await server.close();
    expect(await check(bytes, evidence.trustAnchors)).toMatchObject({ verdict: { ok: true }, claims });
  });
});

describe.skipIf(!vectorsFolder)('a real quote', () => {
  it('binds no claims of ours, however genuine it is', async () => {
    const vector = readCase('phala/tdx_uptodate');
    const bundle = { quote: parseQuote(vector.quote).bytes, claims, collateral: collateralOf(vector) };
    const now = vector.validAt ?? 0;
    const { verdict, claims: found } = await checkEvidence(
      encodeEvidenceBundle(bundle),
      { anyEnclave: true },
      { now, label },
    );
    expect(verdict.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['evidence.binding']);
    expect(verdict).toMatchObject({ ok: false, status: 'UpToDate', mode: 'hardware' });
    expect(found).toBeNull();
  });
});
