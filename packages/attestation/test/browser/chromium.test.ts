import { fileURLToPath } from 'node:url';
import type { Collateral } from '@neo-service-layer/tee-interface';
import {
  type BrowserBundle,
  type BrowserPage,
  bundleForBrowser,
  chromiumPath,
  openPage,
} from '@neo-service-layer/testing/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEvidence } from '../../src/index.ts';
import { readAllCases, type VectorCase, vectorsFolder } from '../helpers/vectors.ts';

/** What a page that shows a verdict needs of this package. */
const program = `
import { verifyEvidence } from '@neo-service-layer/attestation';
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (value) => Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
globalThis.judge = async ({ quote, collateral, policy, now, trustAnchors, revocation }) => {
  const parts = Object.fromEntries(Object.entries(collateral).map(([name, part]) => [name, bytes(part)]));
  const options = { now, revocation, ...(trustAnchors ? { trustAnchors: trustAnchors.map(bytes) } : {}) };
  const verdict = await verifyEvidence({ quote: bytes(quote), collateral: parts }, policy, options);
  return JSON.stringify(verdict, (_, value) => (value instanceof Uint8Array ? hex(value) : value));
};
`;
const policy = { anyEnclave: true, allowDebug: true } as const;
const folder = fileURLToPath(new URL('../..', import.meta.url));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

let bundle: BrowserBundle;
beforeAll(async () => {
  bundle = await bundleForBrowser(program, folder);
});

describe('the browser bundle', () => {
  it('asks for nothing of Node', () => {
    expect(bundle.nodeModules).toEqual([]);
    // Node's globals would need a polyfill.
    expect(bundle.text).not.toMatch(/\bBuffer\.(from|alloc)|\bprocess\.(env|nextTick)|require\(/);
  });

  it('is at most 60 KB gzipped', () => {
    process.stdout.write(`browser bundle: ${bundle.bytes} bytes, ${bundle.gzippedBytes} gzipped\n`);
    expect(bundle.gzippedBytes).toBeLessThanOrEqual(60 * 1024);
  });
});

const isReady = vectorsFolder !== null && chromiumPath !== null;
const missing = vectorsFolder === null ? 'no vectors' : 'no chromium';
describe.skipIf(!isReady)(isReady ? 'in headless Chromium' : `skipped: ${missing} (in headless Chromium)`, () => {
  let browser: BrowserPage;
  beforeAll(async () => {
    browser = await openPage(bundle.text);
  });
  afterAll(() => browser.close());

  const cases = readAllCases().filter(({ collateral, validAt }) => collateral !== null && validAt !== null);

  it.each(cases.map((vector) => [vector.id, vector] as const))(
    '%s gets the verdict it gets in Node',
    async (_, vector) => {
      const request = inputOf(vector);
      const inBrowser = await browser.page.evaluate((input) => Reflect.get(globalThis, 'judge')(input), {
        ...request,
        quote: hex(request.quote),
        collateral: hexParts(request.collateral),
        trustAnchors: request.trustAnchors?.map(hex) ?? null,
        policy,
      });
      const { quote, collateral, ...options } = request;
      const inNode = await verifyEvidence({ quote, collateral }, policy, options);
      expect(JSON.parse(inBrowser)).toEqual(
        JSON.parse(JSON.stringify(inNode, (_key, value) => (value instanceof Uint8Array ? hex(value) : value))),
      );
      expect(browser.errors).toEqual([]);
    },
  );

  it('refuses a flipped bit there as here', async () => {
    const [vector] = cases.filter(({ id }) => id === 'phala/tdx_uptodate');
    if (!vector) throw new Error('the case is missing');
    const request = inputOf(vector);
    request.quote[200] = (request.quote[200] ?? 0) ^ 1;
    const input = { ...request, quote: hex(request.quote), collateral: hexParts(request.collateral), policy };
    const text = await browser.page.evaluate((argument) => Reflect.get(globalThis, 'judge')(argument), {
      ...input,
      trustAnchors: null,
    });
    expect(JSON.parse(text)).toMatchObject({ ok: false, error: { code: 'ERR_QUOTE_SIGNATURE' } });
  });
});

function inputOf({ quote, collateral, validAt, trustAnchors, hasBothCrls }: VectorCase) {
  if (collateral === null || validAt === null) throw new Error('the case has nothing to judge');
  const revocation = hasBothCrls ? ('required' as const) : ('skip' as const);
  return { quote: quote.slice(), collateral, now: validAt, trustAnchors, revocation };
}

function hexParts(collateral: Collateral): Record<string, string> {
  return Object.fromEntries(
    Object.entries(collateral).flatMap(([name, part]) => (part instanceof Uint8Array ? [[name, hex(part)]] : [])),
  );
}
