import type { JsonValue } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { prepareCollateral, verifyEvidence } from '../../src/index.ts';
import { MemoryCollateralCache } from '../../src/service/collateral-cache.ts';
import { testEvidence, testKeys, testNow } from '../helpers/test-pki.ts';
import { flipBit } from '../helpers/vectors.ts';
import { served, testClient, testServer } from './support/clients.ts';
import { silent, slow } from './support/collateral-server.ts';

const day = 86_400;

/** Waits until it is so, for at most ten seconds. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

describe('the collateral of a quote', () => {
  it('is asked for by TEE, FMSPC and CA of its PCK certificate, and verifies the quote', async () => {
    for (const kind of ['sgx-v3', 'td15-v5'] as const) {
      const { server, evidence } = await testServer({ kind });
      await using _ = server;
      const { service, warnings } = testClient(server, evidence);
      const result = await service.collateralFor(evidence.quote);
      const tee = kind === 'sgx-v3' ? 'sgx' : 'tdx';
      expect(server.requests).toHaveLength(4);
      expect(new Set(server.requests)).toEqual(
        new Set([
          `/${tee}/certification/v4/qe/identity`,
          `/${tee}/certification/v4/tcb?fmspc=00A1B2C3D4E5`,
          '/sgx/certification/v4/pckcrl?ca=platform&encoding=der',
          '/sgx/certification/v4/rootcacrl',
        ]),
      );
      expect(result).toMatchObject({ origin: 'service', ageSeconds: 0, fetchedAt: testNow, refreshError: null });
      expect(result.validUntil).toBe(testNow + 20 * day);
      const { trustAnchors } = evidence;
      const cold = await verifyEvidence(
        { ...evidence, collateral: result.collateral },
        { anyEnclave: true },
        { now: testNow, trustAnchors },
      );
      expect(cold.ok).toBe(true);
      const warm = await verifyEvidence(
        { ...evidence, collateral: result.prepared },
        { anyEnclave: true },
        { now: testNow },
      );
      expect(warm).toEqual(cold);
      expect(warnings).toEqual([]);
    }
  });

  it('is fetched once for all who ask at a time, and then comes from the cache', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock } = testClient(server, evidence);
    server.faults = { tcb: [slow(50)] };
    const results = await Promise.all(Array.from({ length: 20 }, () => service.collateralFor(evidence.quote)));
    expect(new Set(results.map(({ prepared }) => prepared)).size).toBe(1);
    clock.now += 100;
    expect(await service.collateralFor(evidence.quote)).toMatchObject({ origin: 'cache', ageSeconds: 100 });
    expect(server.requests).toHaveLength(4);
  });

  it('is asked for in the edition that was chosen', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    await testClient(server, { ...evidence, update: 'early' }).service.collateralFor(evidence.quote);
    await testClient(server, { ...evidence, tcbEvaluationDataNumber: 20 }).service.collateralFor(evidence.quote);
    for (const query of ['update=early', 'tcbEvaluationDataNumber=20']) {
      expect(server.requests).toContain(`/sgx/certification/v4/tcb?fmspc=00A1B2C3D4E5&${query}`);
      expect(server.requests).toContain(`/sgx/certification/v4/qe/identity?${query}`);
    }
  });

  it('is not asked for on the word of a quote whose PCK chain reaches no trust anchor', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, evidence);
    const forged = testEvidence({ pck: { issuerKey: testKeys.stranger } });
    expect(await thrownBy(() => service.collateralFor(forged.quote))).toMatchObject({ code: 'ERR_CERT_SIGNATURE' });
    expect(await thrownBy(() => testClient(server).service.collateralFor(evidence.quote))).toMatchObject({
      code: 'ERR_CERT_UNTRUSTED_ROOT',
    });
    expect(await thrownBy(() => service.collateralFor(evidence.quote.subarray(0, 100)))).toMatchObject({
      code: 'ERR_QUOTE_FORMAT',
    });
    expect(server.requests).toEqual([]);
  });

  it('needs the PCK chain beside a quote that carries none', async () => {
    const chain = testEvidence().quote;
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, evidence);
    const start = Buffer.from(chain).indexOf('-----BEGIN CERTIFICATE-----');
    const pckCertificateChain = chain.slice(start);
    const bare = testEvidence({ quote: { certificationType: 1, certificationData: new Uint8Array(36) } }).quote;
    expect(await thrownBy(() => service.collateralFor(bare))).toMatchObject({ code: 'ERR_PCK_MISSING' });
    const result = await service.collateralFor(bare, { pckCertificateChain });
    const { trustAnchors } = evidence;
    for (const [collateral, options] of [
      [result.collateral, { now: testNow, trustAnchors }],
      [result.prepared, { now: testNow }],
    ] as const) {
      expect((await verifyEvidence({ quote: bare, collateral }, { anyEnclave: true }, options)).ok).toBe(true);
    }
    // The chain of one call is not there in the next.
    expect(await thrownBy(() => service.collateralFor(bare))).toMatchObject({ code: 'ERR_PCK_MISSING' });
  });

  it('is served, so that the verdict can say so, for a platform that is revoked', async () => {
    const { server, evidence } = await testServer({ pckCrl: { revoked: [3] } });
    await using _ = server;
    const { prepared } = await testClient(server, evidence).service.collateralFor(evidence.quote);
    const verdict = await verifyEvidence({ ...evidence, collateral: prepared }, { anyEnclave: true }, { now: testNow });
    expect(verdict).toMatchObject({ ok: false, error: { code: 'ERR_CERT_REVOKED' } });
  });
});

describe('a caller that gives up', () => {
  it('leaves the others alone, and the last one ends the fetch', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, evidence);
    server.faults = { tcb: [slow(100)] };
    const impatient = new AbortController();
    const left = thrownBy(() => service.collateralFor(evidence.quote, { signal: impatient.signal }));
    const stayed = service.collateralFor(evidence.quote);
    setTimeout(() => impatient.abort(new Error('enough')), 20);
    expect(await left).toMatchObject({ message: 'enough' });
    expect((await stayed).origin).toBe('service');
  });

  it('ends a fetch for which nobody waits', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, { ...evidence, requestTimeoutMs: 20_000 });
    let closed = false;
    server.faults = { tcb: [(response) => void response.on('close', () => (closed = true))] };
    const signal = AbortSignal.timeout(50);
    await thrownBy(() => service.collateralFor(evidence.quote, { signal }));
    await until(() => closed);
    expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
  });

  it('gets nothing when it had given up before, and nothing with a clock that is none', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock } = testClient(server, evidence);
    await service.collateralFor(evidence.quote);
    const signal = AbortSignal.abort(new Error('too late'));
    expect(await thrownBy(() => service.collateralFor(evidence.quote, { signal }))).toMatchObject({
      message: 'too late',
    });
    clock.now = Number.NaN;
    expect(await thrownBy(() => service.collateralFor(evidence.quote))).toMatchObject({ code: 'ERR_CLOCK' });
    for (const options of [
      { attempts: 0 },
      { requestTimeoutMs: 0.5 },
      { refreshAfterSeconds: -1 },
      { maxAnswerBytes: Number.NaN },
    ]) {
      expect(await thrownBy(() => testClient(server, options))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    }
  });

  it('gets ERR_DISPOSED when the client is closed', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, evidence);
    server.faults = { qe: [silent] };
    const waiting = thrownBy(() => service.collateralFor(evidence.quote));
    await until(() => server.count('qe') === 1);
    service.close();
    expect(await waiting).toMatchObject({ code: 'ERR_DISPOSED' });
    expect(await thrownBy(() => service.collateralFor(evidence.quote))).toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

describe('collateral in the cache', () => {
  it('is refreshed once, in the background, when it is a day old', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock } = testClient(server, evidence);
    const first = await service.collateralFor(evidence.quote);
    clock.now += day;
    server.faults = { tcb: [slow(30)] };
    const results = await Promise.all(Array.from({ length: 10 }, () => service.collateralFor(evidence.quote)));
    for (const result of results) expect(result).toMatchObject({ origin: 'cache', prepared: first.prepared });
    await until(() => server.requests.length === 8);
    await expect.poll(async () => (await service.collateralFor(evidence.quote)).ageSeconds).toBe(0);
    expect(server.requests).toHaveLength(8);
  });

  it('is refreshed in a window before it expires, and not with every call', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock } = testClient(server, { ...evidence, refreshAfterSeconds: 1000 * day });
    await service.collateralFor(evidence.quote);
    clock.now = testNow + 16 * day;
    await service.collateralFor(evidence.quote);
    expect(server.requests).toHaveLength(4);
    clock.now = testNow + 18 * day;
    await service.collateralFor(evidence.quote);
    await expect.poll(async () => (await service.collateralFor(evidence.quote)).ageSeconds).toBe(0);
    // What came is due again at once, since it is as old as before; a pause is kept all the same.
    for (let i = 0; i < 5; i += 1) await service.collateralFor(evidence.quote);
    expect(server.requests).toHaveLength(8);
  });

  it('is refreshed when the clock was put back by a year', async () => {
    const { server, evidence } = await testServer({
      tcbInfo: (info) => ({ ...info, nextUpdate: '2028-01-01T00:00:00Z' }),
      qeIdentity: (identity) => ({ ...identity, nextUpdate: '2028-01-01T00:00:00Z' }),
      pckCrl: { nextUpdate: testNow + 600 * day },
      rootCrl: { nextUpdate: testNow + 600 * day },
    });
    await using _ = server;
    const clock = { now: testNow + 365 * day };
    const { service } = testClient(server, { ...evidence, clock });
    await service.collateralFor(evidence.quote);
    clock.now = testNow;
    expect(await service.collateralFor(evidence.quote)).toMatchObject({ origin: 'cache', ageSeconds: 0 });
    await expect.poll(async () => (await service.collateralFor(evidence.quote)).fetchedAt).toBe(testNow);
    expect(server.requests).toHaveLength(8);
  });

  it('serves while the service is down, says why it is not fresh, and ends with its expiry', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock, warnings } = testClient(server, { ...evidence, attempts: 2 });
    await service.collateralFor(evidence.quote);
    await server.close();
    clock.now += 2 * day;
    expect(await service.collateralFor(evidence.quote)).toMatchObject({ origin: 'cache', ageSeconds: 2 * day });
    await until(() => warnings.length > 0);
    const stale = await service.collateralFor(evidence.quote);
    expect(stale).toMatchObject({ origin: 'cache', refreshError: { code: 'ERR_COLLATERAL_UNREACHABLE' } });
    clock.now = testNow + 20 * day;
    expect((await service.collateralFor(evidence.quote)).origin).toBe('cache');
    clock.now += 1;
    const error = await thrownBy(() => service.collateralFor(evidence.quote));
    expect(error).toMatchObject({ code: 'ERR_COLLATERAL_UNREACHABLE', details: { attempts: 2 } });
  });

  it('outlives the process', async () => {
    const { server, evidence } = await testServer();
    const cache = new MemoryCollateralCache();
    await testClient(server, { ...evidence, cache }).service.collateralFor(evidence.quote);
    await server.close();
    const clock = { now: testNow + 100 };
    const next = testClient(server, { ...evidence, cache, clock });
    const result = await next.service.collateralFor(evidence.quote);
    expect(result).toMatchObject({ origin: 'cache', ageSeconds: 100, fetchedAt: testNow });
    const verdict = await verifyEvidence(
      { ...evidence, collateral: result.prepared },
      { anyEnclave: true },
      { now: testNow },
    );
    expect(verdict.ok).toBe(true);
  });

  it('is fetched again, with a warning, when any bit of it was flipped', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const kept = new Map<string, Uint8Array>();
    const cache = {
      get: async (key: string) => kept.get(key) ?? null,
      put: async (key: string, entry: Uint8Array) => void kept.set(key, entry),
    };
    const first = await testClient(server, { ...evidence, cache }).service.collateralFor(evidence.quote);
    const [[key = '', entry = new Uint8Array()] = []] = kept;
    for (let at = 0; at < entry.length; at += 131) {
      kept.set(key, flipBit(entry, at, at % 8));
      const { service, warnings } = testClient(server, { ...evidence, cache });
      const { prepared, origin } = await service.collateralFor(evidence.quote);
      // What verifies all the same says the same: say, other white space in the PEM of a certificate.
      expect(prepared.parts.tcbInfo).toEqual(first.prepared.parts.tcbInfo);
      if (origin === 'service') expect(warnings.map(({ code }) => code)).toEqual(['ERR_COLLATERAL_CACHE']);
    }
    expect(server.requests.length).toBeGreaterThan(100);
  });

  it('does without a cache that fails', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const broken = async () => {
      throw new Error('the disk is full');
    };
    const { service, warnings } = testClient(server, { ...evidence, cache: { get: broken, put: broken } });
    expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
    expect((await service.collateralFor(evidence.quote)).origin).toBe('cache');
    expect(warnings.map(({ code }) => code)).toEqual(['ERR_COLLATERAL_CACHE', 'ERR_COLLATERAL_CACHE']);
  });
});

describe('an older answer than before', () => {
  const dated = (issued: number, number: number) => (document: Record<string, unknown>) => ({
    ...document,
    issueDate: new Date((testNow + issued) * 1000).toISOString().replace('.000Z', 'Z'),
    tcbEvaluationDataNumber: number,
  });

  it('never takes the place of the newer one, part by part', async () => {
    const replays = {
      'an earlier TCB info': { tcbInfo: dated(-6 * day, 20) },
      'a TCB info of an earlier recovery': { tcbInfo: dated(-day, 19) },
      'a QE identity of an earlier recovery': { qeIdentity: dated(0, 19) },
      'an earlier revocation list': { pckCrl: { thisUpdate: testNow - 3 * day } },
      'an earlier revocation list of the root': { rootCrl: { thisUpdate: testNow - 3 * day } },
    };
    for (const [name, faults] of Object.entries(replays)) {
      const { server, evidence } = await testServer({ tcbInfo: dated(-5 * day, 20) });
      await using _ = server;
      const { service, clock, warnings } = testClient(server, {
        ...evidence,
        refreshAfterSeconds: 10,
        refreshPauseSeconds: 0,
      });
      const first = await service.collateralFor(evidence.quote);
      server.collateral = served(testEvidence({ tcbInfo: dated(-4 * day, 20), ...faults }));
      clock.now += 10;
      await service.collateralFor(evidence.quote);
      await until(() => warnings.length > 0);
      expect([name, warnings[0]?.code]).toEqual([name, 'ERR_COLLATERAL_ROLLBACK']);
      const { prepared } = await service.collateralFor(evidence.quote);
      for (const part of ['tcbInfo', 'qeIdentity'] as const) {
        expect(prepared.parts[part]?.tcbEvaluationDataNumber).toBe(20);
        expect(prepared.parts[part]?.issueDate).toBeGreaterThanOrEqual(first.prepared.parts[part]?.issueDate ?? 0);
      }
      for (const part of ['pckCrl', 'rootCaCrl'] as const) {
        expect(prepared.parts[part]?.thisUpdate).toBe(first.prepared.parts[part]?.thisUpdate);
      }
    }
  });

  it('takes the place of one that has a lower number, even when it was signed before', async () => {
    const { server, evidence } = await testServer({ tcbInfo: dated(-day, 19), qeIdentity: dated(-day, 19) });
    await using _ = server;
    const { service, clock, warnings } = testClient(server, evidence);
    await service.collateralFor(evidence.quote);
    server.collateral = served(testEvidence({ tcbInfo: dated(-2 * day, 20), qeIdentity: dated(-2 * day, 20) }));
    clock.now += day;
    await service.collateralFor(evidence.quote);
    await expect.poll(async () => (await service.collateralFor(evidence.quote)).ageSeconds).toBe(0);
    const { prepared } = await service.collateralFor(evidence.quote);
    expect(prepared.parts.tcbInfo?.tcbEvaluationDataNumber).toBe(20);
    expect(warnings).toEqual([]);
  });

  it('is an error once the newer one has expired', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock } = testClient(server, { ...evidence, refreshAfterSeconds: 1000 * day });
    await service.collateralFor(evidence.quote);
    clock.now = testNow + 25 * day;
    server.collateral = served(
      testEvidence({
        tcbInfo: dated(24 * day, 20),
        pckCrl: { thisUpdate: testNow - 2 * day, nextUpdate: testNow + 40 * day },
        rootCrl: { nextUpdate: testNow + 40 * day },
      }),
    );
    expect(await thrownBy(() => service.collateralFor(evidence.quote))).toMatchObject({
      code: 'ERR_COLLATERAL_ROLLBACK',
    });
  });

  it('counts also for the next process, but not once the cache was wiped', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const cache = new MemoryCollateralCache();
    await testClient(server, { ...evidence, cache }).service.collateralFor(evidence.quote);
    server.collateral = served(testEvidence({ tcbInfo: dated(-day, 19) }));
    const next = testClient(server, { ...evidence, cache, clock: { now: testNow + 2 * day } });
    await next.service.collateralFor(evidence.quote);
    await until(() => next.warnings.length > 0);
    expect(next.warnings[0]?.code).toBe('ERR_COLLATERAL_ROLLBACK');
    const forgetful = testClient(server, evidence);
    const { prepared } = await forgetful.service.collateralFor(evidence.quote);
    expect(prepared.parts.tcbInfo?.tcbEvaluationDataNumber).toBe(19);
  });
});

describe('an answer that came too late', () => {
  it('does not take the place of the newer one that another process got meanwhile', async () => {
    const dates = (number: number) => ({
      tcbInfo: (info: { [key: string]: JsonValue }) => ({ ...info, tcbEvaluationDataNumber: number }),
    });
    const [late, prompt] = [await testServer(dates(19)), await testServer(dates(20))];
    await using _ = late.server;
    await using __ = prompt.server;
    const cache = new MemoryCollateralCache();
    late.server.faults = { tcb: [slow(300)] };
    const first = testClient(late.server, { ...late.evidence, cache });
    const waiting = first.service.collateralFor(late.evidence.quote);
    await until(() => late.server.count('tcb') === 1);
    await testClient(prompt.server, { ...prompt.evidence, cache }).service.collateralFor(prompt.evidence.quote);
    expect((await waiting).prepared.parts.tcbInfo?.tcbEvaluationDataNumber).toBe(20);
    expect(first.warnings.map(({ code }) => code)).toEqual(['ERR_COLLATERAL_ROLLBACK']);
    const next = await testClient(late.server, { ...late.evidence, cache }).service.collateralFor(late.evidence.quote);
    expect(next.prepared.parts.tcbInfo?.tcbEvaluationDataNumber).toBe(20);
  });
});

describe('what is served', () => {
  it('is a copy, which no caller can spoil for the next', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, evidence);
    const { collateral } = await service.collateralFor(evidence.quote);
    for (const part of Object.values(collateral)) part?.fill(0);
    const { parts } = await prepareCollateral((await service.collateralFor(evidence.quote)).collateral, evidence);
    expect(parts.checks.every(({ ok }) => ok)).toBe(true);
    expect(server.requests).toHaveLength(4);
  });

  it('is what prepareCollateral accepts', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { collateral } = await testClient(server, evidence).service.collateralFor(evidence.quote);
    const { parts } = await prepareCollateral(collateral, evidence);
    expect(parts.checks.every(({ ok }) => ok)).toBe(true);
  });
});
