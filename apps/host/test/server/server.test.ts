import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpTransport, type Transport, type WebSocketLike, WebSocketTransport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type HostConfiguration, hostConfigurationSchema } from '../../src/server/host-configuration.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { counts } from '../support/supervisor-counts.ts';

const empty = new Uint8Array();
const collateral = { tcbInfo: empty, tcbInfoIssuerChain: empty, qeIdentity: empty, qeIdentityIssuerChain: empty };
const echo: Transport = {
  evidence: async () => ({ quote: Uint8Array.of(1), claims: Uint8Array.of(2), collateral }),
  exchange: async (message) => message.slice(),
  close: async () => {},
};
let server: RunningServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function serve(enclave: () => Transport | null = () => echo, changes: Partial<HostConfiguration> = {}) {
  const configuration = hostConfigurationSchema.parse({ port: 0, logLevel: 'silent', drainSeconds: 2, ...changes });
  server = await startServer({ configuration, enclave, enclaveMetrics: () => counts });
  return server.url;
}

const webSocket = (url: string) =>
  new WebSocketTransport(url, { WebSocket: WebSocket as unknown as new (url: string) => WebSocketLike });
const post = (url: string, body: BodyInit, type = 'application/cbor') =>
  fetch(`${url}/v1/channel`, { method: 'POST', headers: { 'content-type': type }, body });

/** Sends bytes over a bare socket and gives what comes until the server closes it. */
function raw(url: string, bytes: string): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
  });
}

describe('the server', () => {
  it.each([
    ['HTTP', (url: string) => new HttpTransport(url)],
    ['a WebSocket', webSocket],
  ])('carries evidence and messages over %s', async (_way, transportTo) => {
    const transport = transportTo(await serve());
    expect(await transport.evidence()).toMatchObject({ quote: Uint8Array.of(1), claims: Uint8Array.of(2) });
    const large = new Uint8Array(5_000_000).fill(9);
    expect(Buffer.from(await transport.exchange(large)).equals(large)).toBe(true);
    await transport.close();
  });

  it('is live without an enclave, but not ready', async () => {
    const url = await serve(() => null);
    expect((await fetch(`${url}/health/live`)).status).toBe(204);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ code: 'ERR_ENCLAVE_LOST', status: 503 });
    expect((await thrownBy(() => new HttpTransport(url).evidence())).code).toBe('ERR_TRANSPORT');
  });

  it('answers ERR_ENCLAVE_LOST when the enclave goes while a call is in flight, and tells nothing else', async () => {
    const lost = async () => {
      throw new TeeError('ERR_LINK_CLOSED', 'a DETAIL of the link');
    };
    const response = await post(await serve(() => ({ ...echo, exchange: lost })), Uint8Array.of(1));
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'ERR_ENCLAVE_LOST', instance: response.headers.get('request-id') });
    expect(text).not.toContain('DETAIL');
  });

  it('answers a fault of its own without its text', async () => {
    const broken = async () => {
      throw new Error('a DETAIL of ours');
    };
    const response = await post(await serve(() => ({ ...echo, exchange: broken })), Uint8Array.of(1));
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(JSON.parse(text).code).toBe('ERR_INTERNAL');
    expect(text).not.toContain('DETAIL');
  });

  it.each([
    ['another path', (url: string) => fetch(`${url}/v2/evidence`), 404],
    ['another media type', (url: string) => post(url, '{}', 'application/json'), 415],
    ['a body that is too large', (url: string) => post(url, new Uint8Array(20_000)), 413],
    ['a request for a WebSocket without an upgrade', (url: string) => fetch(`${url}/v1/channel`), 426],
  ])('refuses %s', async (_what, ask, status) => {
    const response = await ask(await serve(() => echo, { maxBodyBytes: 10_000 }));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, type: expect.stringMatching(/^urn:neo-tee:error:ERR_/) });
  });

  it('refuses a message over a WebSocket that is longer than a body may be, and carries the next one', async () => {
    const transport = webSocket(await serve(() => echo, { maxBodyBytes: 10_000 }));
    const refused = await thrownBy(() => transport.exchange(new Uint8Array(20_000)));
    expect(refused).toMatchObject({ code: 'ERR_TRANSPORT', actual: 'ERR_INVALID_ARGUMENT' });
    expect(await transport.exchange(Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    await transport.close();
  });

  it('lets pages of other origins in only where it is told to', async () => {
    const allowed = async (url: string) =>
      (await fetch(`${url}/health/live`, { headers: { origin: 'https://app.example.org' } })).headers.get(
        'access-control-allow-origin',
      );
    expect(await allowed(await serve())).toBeNull();
    await server?.close();
    expect(await allowed(await serve(() => echo, { corsOrigins: ['https://app.example.org'] }))).toBe(
      'https://app.example.org',
    );
  });

  it('gives up clients that are slow with their headers, and serves the others meanwhile', async () => {
    const url = await serve(() => echo, { headerSeconds: 1 });
    const slow = Promise.all(
      Array.from({ length: 20 }, () => raw(url, 'GET /v1/evidence HTTP/1.1\r\nhost: x\r\nx-slow: ')),
    );
    for (let call = 0; call < 10; call += 1) {
      expect(await new HttpTransport(url).exchange(Uint8Array.of(call))).toEqual(Uint8Array.of(call));
    }
    for (const answer of await slow) expect(answer).toMatch(/^(HTTP\/1.1 408|$)/);
  }, 15_000);

  it('lets what is under way end when it closes, and says before that it is not ready', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const url = await serve(() => ({ ...echo, exchange: (message) => held.then(() => message.slice()) }), {
      drainSeconds: 5,
    });
    const [overHttp, overSocket] = [new HttpTransport(url), webSocket(url)];
    const calls = [overHttp.exchange(Uint8Array.of(1)), overSocket.exchange(Uint8Array.of(2))];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = server?.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    expect(await Promise.all(calls)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    await closing;
    expect((await thrownBy(() => new HttpTransport(url).evidence())).code).toBe('ERR_TRANSPORT');
    server = null;
  });

  it('cuts off what does not end', async () => {
    const url = await serve(() => ({ ...echo, exchange: () => new Promise(() => {}) }), { drainSeconds: 0.2 });
    const calls = [new HttpTransport(url), webSocket(url)].map((transport) =>
      thrownBy(() => transport.exchange(Uint8Array.of(1))),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server?.close();
    for (const error of await Promise.all(calls)) expect(error.code).toBe('ERR_TRANSPORT');
    server = null;
  });
});

describe('what the server tells of itself', () => {
  it('counts by route and status, and the enclave’s starts and losses, for Prometheus', async () => {
    const url = await serve();
    await post(url, Uint8Array.of(1, 2, 3));
    await fetch(`${url}/made-up-${Math.random()}`);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/tee_host_requests_total\{route="\/v1\/channel",status="200"\} 1/);
    expect(text).toMatch(/tee_host_relayed_bytes_total\{direction="in"\} 3/);
    expect(text).toMatch(/tee_enclave_losses 2/);
    expect(text).toMatch(/tee_enclave_ready 1/);
    expect(text).not.toContain('made-up');
  });

  it('is described in OpenAPI, with every method and its schemas', async () => {
    const document = await (await fetch(`${await serve()}/openapi.json`)).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/v1/channel');
    const { executeJavaScript, sealData } = document['x-tee-methods'];
    expect(executeJavaScript).toMatchObject({
      access: 'caller',
      input: { type: 'object', required: ['code', 'functionId'] },
    });
    expect(sealData.input.properties.data).toMatchObject({ type: 'string', contentEncoding: 'binary' });
  });

  it('reads as a page that loads nothing from anywhere', async () => {
    const response = await fetch(`${await serve()}/docs`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await response.text();
    expect(text).toContain('invokeFunction');
    expect(text).not.toMatch(/<script|src=|href=/);
  });
});

const openssl = requireOrSkip(spawnSync('openssl', ['version']).status === 0, 'openssl');

describe.skipIf(!openssl)('TLS of the server’s own', () => {
  it('serves by the files that are named, in TLS 1.3, and says which file is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tls-'));
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ]);
    const url = await serve(() => echo, { tls: { certFile, keyFile, keyPassphrase: null } });
    const answer = await new Promise<{ status: number | undefined; protocol: string | null }>((resolve, reject) => {
      const asked = httpsRequest(`${url}/health/live`, { rejectUnauthorized: false }, (response) => {
        const { socket } = response as unknown as { socket: { getProtocol(): string | null } };
        resolve({ status: response.statusCode, protocol: socket.getProtocol() });
        response.resume();
      });
      asked.on('error', reject).end();
    });
    expect(answer).toEqual({ status: 204, protocol: 'TLSv1.3' });
    await server?.close();
    server = null;
    const missing = await thrownBy(() =>
      serve(() => echo, { tls: { certFile: join(folder, 'no'), keyFile, keyPassphrase: null } }),
    );
    expect(missing.code).toBe('ERR_INVALID_ARGUMENT');
    await rm(folder, { recursive: true });
  });
});
