import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { testEvidence, testKeys, testNow } from '../helpers/test-pki.ts';
import { served, testClient, testServer } from './support/clients.ts';
import {
  type Fault,
  type Part,
  type ServerAnswer,
  silent,
  slow,
  startCollateralServer,
  status,
  truncated,
} from './support/collateral-server.ts';

const parts: Part[] = ['tcb', 'qe', 'pckcrl', 'rootcacrl'];

/** An answer with another body. */
function body(bytes: Uint8Array | string): Fault {
  return (response, { headers }) => void response.writeHead(200, headers).end(bytes);
}

describe('a failure that will pass', () => {
  const passing: Record<string, Fault> = {
    'a status of 500': status(500),
    'a status of 503 with Retry-After': status(503, { 'retry-after': '0' }),
    'a status of 429': status(429),
    'a body that breaks off': truncated,
    'a connection that is closed without an answer': (response) => response.destroy(),
    'no answer in time': silent,
  };
  for (const [name, fault] of Object.entries(passing)) {
    it(`is tried again: ${name}`, async () => {
      const { server, evidence } = await testServer();
      await using _ = server;
      for (const part of parts) server.faults[part] = [fault, fault];
      const { service } = testClient(server, { ...evidence, requestTimeoutMs: 150 });
      expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
      for (const part of parts) expect(server.count(part)).toBe(3);
    });
  }

  it('is an error after the last attempt, and costs the service no more than those', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service } = testClient(server, { ...evidence, attempts: 3 });
    server.faults = { tcb: Array.from({ length: 9 }, () => status(502)) };
    const error = await thrownBy(() => service.collateralFor(evidence.quote));
    expect(error).toMatchObject({ code: 'ERR_COLLATERAL_REFUSED', details: { status: 502, attempts: 3 } });
    expect(server.count('tcb')).toBe(3);
    // The next call begins anew.
    server.faults = {};
    expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
  });

  it('is not tried again before the time that Retry-After names', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const times: number[] = [];
    server.faults = {
      tcb: [
        (response) => {
          times.push(performance.now());
          response.writeHead(429, { 'retry-after': '1' }).end();
        },
        (response, { headers, body: bytes }) => {
          times.push(performance.now());
          response.writeHead(200, headers).end(bytes);
        },
      ],
    };
    await testClient(server, evidence).service.collateralFor(evidence.quote);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThan(950);
  });

  it('is an error at once when Retry-After is beyond the time there is', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    server.faults = { qe: [status(429, { 'retry-after': '3600' })] };
    const error = await thrownBy(() => testClient(server, evidence).service.collateralFor(evidence.quote));
    const details = { status: 429, attempts: 1, retryAfterSeconds: 3600 };
    expect(error).toMatchObject({ code: 'ERR_COLLATERAL_REFUSED', details });
    expect(server.count('qe')).toBe(1);
  });

  it('ends with the total time, whatever the service does', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    server.faults = { tcb: Array.from({ length: 100 }, () => silent), pckcrl: [slow(50)] };
    const { service } = testClient(server, { ...evidence, attempts: 100, requestTimeoutMs: 60, totalTimeoutMs: 400 });
    const started = performance.now();
    const error = await thrownBy(() => service.collateralFor(evidence.quote));
    expect(error).toMatchObject({ code: 'ERR_COLLATERAL_UNREACHABLE' });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('is a body that comes in drops', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const drip: Fault = (response, { headers, body: bytes }) => {
      response.writeHead(200, headers);
      let at = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, at + 1));
        at += 1;
      }, 5);
      response.on('close', () => clearInterval(timer));
    };
    server.faults = { tcb: [drip] };
    const { service } = testClient(server, { ...evidence, requestTimeoutMs: 150 });
    expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
    expect(server.count('tcb')).toBe(2);
  });

  it('is an error when nobody listens', async () => {
    const { server, evidence } = await testServer();
    await server.close();
    const error = await thrownBy(() =>
      testClient(server, { ...evidence, attempts: 2 }).service.collateralFor(evidence.quote),
    );
    expect(error).toMatchObject({
      code: 'ERR_COLLATERAL_UNREACHABLE',
      actual: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('a refusal', () => {
  for (const code of [400, 401, 403, 404, 410, 461, 301, 302, 307, 204]) {
    it(`of status ${code} is not tried again`, async () => {
      const { server, evidence } = await testServer();
      await using _ = server;
      server.faults = { tcb: [status(code, { location: `${server.baseUrl}tcb?fmspc=00A1B2C3D4E5` })] };
      const error = await thrownBy(() => testClient(server, evidence).service.collateralFor(evidence.quote));
      expect(error).toMatchObject({ code: 'ERR_COLLATERAL_REFUSED', details: { status: code, attempts: 1 } });
      expect(server.count('tcb')).toBe(1);
    });
  }

  it('says with 410 that the API version may be retired', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    server.faults = { qe: [status(410)] };
    const error = await thrownBy(() => testClient(server, evidence).service.collateralFor(evidence.quote));
    expect(error).toMatchObject({ hint: expect.stringContaining('API version') });
  });
});

describe('an answer that is not what was asked for', () => {
  const sgx = testEvidence();
  const bad: Record<string, { part: Part; fault: Fault; code?: string }> = {
    'TCB info that is no JSON': { part: 'tcb', fault: body('<html>proxy error</html>') },
    'an empty TCB info': { part: 'tcb', fault: body('') },
    'TCB info that breaks off though its length is right': {
      part: 'tcb',
      fault: (response, { headers, body: bytes }) => void response.writeHead(200, headers).end(bytes.subarray(0, 500)),
    },
    'TCB info of another FMSPC': {
      part: 'tcb',
      fault: body(testEvidence({ platform: { fmspc: Uint8Array.of(1, 2, 3, 4, 5, 6) } }).collateral.tcbInfo),
    },
    'TCB info of another PCE': {
      part: 'tcb',
      fault: body(testEvidence({ platform: { pceId: Uint8Array.of(1, 0) } }).collateral.tcbInfo),
    },
    'TCB info of the other TEE': { part: 'tcb', fault: body(testEvidence({ kind: 'td10-v4' }).collateral.tcbInfo) },
    'a QE identity of the other TEE': {
      part: 'qe',
      fault: body(testEvidence({ kind: 'td10-v4' }).collateral.qeIdentity),
    },
    'a QE identity where TCB info should be': { part: 'tcb', fault: body(sgx.collateral.qeIdentity) },
    'TCB info with another signature': {
      part: 'tcb',
      fault: (response, { headers, body: bytes }) =>
        void response.writeHead(200, headers).end(bytes.toString().replace(/"signature":"../, '"signature":"00')),
    },
    'a revocation list that is none': { part: 'pckcrl', fault: body(Buffer.from('30030101ff', 'hex')) },
    'a revocation list of another CA': { part: 'pckcrl', fault: body(sgx.collateral.rootCaCrl ?? '') },
    'a revocation list that a stranger signed': {
      part: 'pckcrl',
      fault: body(testEvidence({ pckCrl: { issuerKey: testKeys.stranger } }).collateral.pckCrl ?? ''),
    },
    'a revocation list of the root that a stranger signed': {
      part: 'rootcacrl',
      fault: body(testEvidence({ rootCrl: { issuerKey: testKeys.stranger } }).collateral.rootCaCrl ?? ''),
    },
    'an answer that is too long': { part: 'qe', fault: body(' '.repeat(2 * 1024 * 1024)) },
    'an answer that unpacks to too much': {
      part: 'qe',
      fault: (response, { headers }) =>
        void response
          .writeHead(200, { ...headers, 'content-encoding': 'gzip' })
          .end(gzipSync(Buffer.alloc(20 * 1024 * 1024))),
    },
    'a chain that is no PEM': {
      part: 'tcb',
      fault: (response, answer) =>
        void response.writeHead(200, { ...answer.headers, 'TCB-Info-Issuer-Chain': '%E0%A4%A' }).end(answer.body),
    },
    'the issuer chain of another revocation list': {
      part: 'pckcrl',
      fault: (response, answer) => {
        const chain = encodeURIComponent(Buffer.from(sgx.collateral.tcbInfoIssuerChain).toString());
        response.writeHead(200, { ...answer.headers, 'SGX-PCK-CRL-Issuer-Chain': chain }).end(answer.body);
      },
    },
    'a TCB info that has expired': {
      part: 'tcb',
      fault: body(
        testEvidence({ tcbInfo: (info) => ({ ...info, nextUpdate: '2026-01-14T23:59:59Z' }) }).collateral.tcbInfo,
      ),
      code: 'ERR_COLLATERAL_EXPIRED',
    },
    'a revocation list from the future': {
      part: 'pckcrl',
      fault: body(testEvidence({ pckCrl: { thisUpdate: testNow + 1000 } }).collateral.pckCrl ?? ''),
      code: 'ERR_COLLATERAL_EXPIRED',
    },
  };
  for (const [name, { part, fault, code = 'ERR_COLLATERAL_MALFORMED' }] of Object.entries(bad)) {
    it(`is refused and not kept: ${name}`, async () => {
      const { server, evidence } = await testServer();
      await using _ = server;
      server.faults = { [part]: [fault] };
      const kept: string[] = [];
      const cache = { get: async () => null, put: async (key: string) => void kept.push(key) };
      const { service } = testClient(server, { ...evidence, cache });
      expect(await thrownBy(() => service.collateralFor(evidence.quote))).toMatchObject({ code });
      expect(server.count(part)).toBe(1);
      expect(kept).toEqual([]);
      // The next answer is good, and nothing of the bad one has stayed.
      expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
      expect(kept).toHaveLength(1);
    });
  }

  it('does not take the place of what is in the cache', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const { service, clock, warnings } = testClient(server, evidence);
    const first = await service.collateralFor(evidence.quote);
    for (const { part, fault, code = 'ERR_COLLATERAL_MALFORMED' } of Object.values(bad)) {
      if (code !== 'ERR_COLLATERAL_MALFORMED') continue;
      clock.now += 86_400 / 4;
      server.faults = { [part]: [fault] };
      const before = warnings.length;
      const { fetchedAt } = await service.collateralFor(evidence.quote);
      if (clock.now - fetchedAt < 86_400) continue;
      await expect.poll(() => warnings.length).toBe(before + 1);
      const { prepared, refreshError } = await service.collateralFor(evidence.quote);
      expect(prepared).toBe(first.prepared);
      expect(refreshError?.code).toBe(code);
    }
    expect(warnings.length).toBeGreaterThan(5);
  });

  for (const part of ['tcb', 'qe', 'pckcrl'] as const) {
    it(`is refused without its issuer chain: ${part}`, async () => {
      const { server, evidence } = await testServer();
      await using _ = server;
      server.edit = (asked, answer) => (asked === part ? { ...answer, headers: {} } : answer);
      const error = await thrownBy(() => testClient(server, evidence).service.collateralFor(evidence.quote));
      expect(error).toMatchObject({ code: 'ERR_COLLATERAL_MALFORMED' });
    });
  }
});

describe('answers in other forms', () => {
  const renamed = (answer: ServerAnswer): ServerAnswer => ({
    ...answer,
    headers: Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [
        name === 'TCB-Info-Issuer-Chain' ? 'SGX-TCB-Info-Issuer-Chain' : name,
        value,
      ]),
    ),
  });
  const pem = (label: string, der: Uint8Array) =>
    Buffer.from(`-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`);
  const forms: Record<string, (part: Part, answer: ServerAnswer) => ServerAnswer> = {
    'the header names of API version 3': (_, answer) => renamed(answer),
    'revocation lists in PEM': (part, answer) => {
      if (part === 'pckcrl') return { ...answer, body: pem('X509 CRL', answer.body) };
      if (part === 'rootcacrl') return { ...answer, body: pem('X509 CRL', Buffer.from(answer.body.toString(), 'hex')) };
      return answer;
    },
    'both revocation lists in hex': (part, answer) =>
      part === 'pckcrl' ? { ...answer, body: Buffer.from(toHex(answer.body)) } : answer,
    'the revocation list of the root in DER': (part, answer) =>
      part === 'rootcacrl' ? { ...answer, body: Buffer.from(answer.body.toString(), 'hex') } : answer,
  };
  for (const [name, edit] of Object.entries(forms)) {
    it(`are read: ${name}`, async () => {
      const { server, evidence } = await testServer();
      await using _ = server;
      server.edit = edit;
      expect((await testClient(server, evidence).service.collateralFor(evidence.quote)).origin).toBe('service');
    });
  }

  it('come from wherever the revocation list of the root is said to be', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    await using other = await startCollateralServer(served(evidence));
    const rootCaCrlUrl = `${other.baseUrl}rootcacrl`;
    await testClient(server, { ...evidence, rootCaCrlUrl }).service.collateralFor(evidence.quote);
    expect([server.count('rootcacrl'), other.count('rootcacrl')]).toEqual([0, 1]);
  });
});
