import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Verification, verifyQuote } from '@neo-service-layer/attestation';
import { encodeQuoteRequest } from '@neo-service-layer/attestation/device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SimulatedPlatform } from '../../src/platform/platform.ts';
import { measurement, signedBy, signingKey } from '../support/signing.ts';

let folder: string;
let count = 0;
const now = new Date('2026-11-25T12:00:00Z');
const seconds = (date: Date) => date.getTime() / 1000;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sgx-verify-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function machine(): Promise<SimulatedPlatform> {
  count += 1;
  return SimulatedPlatform.open(join(folder, `machine-${count}`), { now });
}

async function quoteOf(platform: SimulatedPlatform): Promise<Uint8Array> {
  const enclave = platform.launch({ sigstruct: signedBy(signingKey()), measurement });
  return enclave.device().generateQuote(new Uint8Array(64).fill(1));
}

async function verdict(
  platform: SimulatedPlatform,
  options: { at?: Date; issuedAt?: Date; quote?: Uint8Array; anchors?: Uint8Array[] | undefined } = {},
): Promise<Verification> {
  const { at = now, anchors = [platform.rootCertificate] } = options;
  return verifyQuote(options.quote ?? (await quoteOf(platform)), platform.collateral(options.issuedAt ?? now), {
    now: seconds(at),
    trustAnchors: anchors,
  });
}

const failedChecks = (verification: Verification) =>
  verification.checks.filter((check) => !check.ok).map((check) => check.name);

describe('the production verifier', () => {
  test('finds a simulated quote genuine under the simulation root, and calls it simulation', async () => {
    const result = await verdict(await machine());
    expect(failedChecks(result)).toEqual([]);
    expect(result).toMatchObject({ ok: true, status: 'UpToDate', mode: 'simulation' });
    expect(result.claims).toMatchObject({ isvProdId: 7, isvSvn: 3 });
  });

  test('refuses it without that root, and under the root of another machine', async () => {
    const platform = await machine();
    const { checks } = await verifyQuote(await quoteOf(platform), platform.collateral(now), { now: seconds(now) });
    expect(checks.some((check) => !check.ok)).toBe(true);
    const other = await machine();
    expect((await verdict(platform, { anchors: [other.rootCertificate] })).ok).toBe(false);
  });

  test.each([
    'SWHardeningNeeded',
    'ConfigurationNeeded',
    'ConfigurationAndSWHardeningNeeded',
    'OutOfDate',
    'OutOfDateConfigurationNeeded',
  ] as const)('reports the status %s with its advisories', async (tcbStatus) => {
    const platform = await (await machine()).change({ tcbStatus, advisoryIds: ['INTEL-SA-00001'] }, now);
    const result = await verdict(platform);
    expect(result).toMatchObject({ ok: true, status: tcbStatus });
    expect(result.advisories.map(({ id }) => id)).toEqual(['INTEL-SA-00001']);
  });

  test('does not call a revoked TCB level up to date', async () => {
    const result = await verdict(await (await machine()).change({ tcbStatus: 'Revoked' }, now));
    expect(result.status === null || result.status === 'Revoked').toBe(true);
  });

  test('reports an outdated quoting enclave', async () => {
    const platform = await (await machine()).change({ qeTcbStatus: 'OutOfDate' }, now);
    expect(await verdict(platform)).toMatchObject({ ok: true, status: 'OutOfDate' });
  });

  test('reports a machine whose microcode was taken back as out of date', async () => {
    const platform = await machine();
    const older = platform.cpuSvn;
    older[0] = 0;
    const quote = await quoteOf(await platform.change({ cpuSvn: older }, now));
    // The published levels are those of the machine as it was.
    expect(await verdict(platform, { quote })).toMatchObject({ ok: true, status: 'OutOfDate' });
  });

  test('refuses a revoked PCK certificate and a revoked CA', async () => {
    expect((await verdict(await (await machine()).change({ pckRevoked: true }, now))).ok).toBe(false);
    expect((await verdict(await (await machine()).change({ platformCaRevoked: true }, now))).ok).toBe(false);
  });

  test('refuses collateral before and after its time', async () => {
    const platform = await machine();
    const day = 86_400_000;
    expect((await verdict(platform, { at: new Date(now.getTime() + 31 * day) })).ok).toBe(false);
    expect((await verdict(platform, { issuedAt: new Date(now.getTime() + 2 * day) })).ok).toBe(false);
    expect((await verdict(platform, { at: new Date(now.getTime() + 29 * day) })).ok).toBe(true);
  });

  test('refuses a quote with any bit changed in header, body, signatures or QE report', async () => {
    const platform = await machine();
    const quote = await quoteOf(platform);
    for (const offset of [0, 12, 30, 48, 112, 370, 436, 500, 564, 950, 1014]) {
      const changed = quote.slice();
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      expect((await verdict(platform, { quote: changed })).ok, `offset ${offset}`).toBe(false);
    }
  });

  test('takes a quote of the announced size, and the device gives none into a smaller buffer', async () => {
    const platform = await machine();
    const enclave = platform.launch({ sigstruct: signedBy(signingKey()), measurement });
    const size = await enclave.device().quoteSize();
    const request = (capacity: number) => encodeQuoteRequest(new Uint8Array(64), capacity);
    expect(enclave.ioctl(0xc0187308, request(size)).errno).toBe(0);
    expect(enclave.ioctl(0xc0187308, request(size - 1)).errno).toBe(22);
  });
});
