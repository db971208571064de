import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { HttpGrant } from '../../src/index.ts';
import { differs } from '../conformance/differences.ts';
import { onEveryEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';
import { selfSigned } from './certificate.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const { cert, key } = selfSigned();
  const requests: { url: string; headers: Record<string, unknown>; method: string; body: string }[] = [];

  const serve: RequestListener = (request, response) => {
    const { url = '', headers, method = '' } = request;
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      requests.push({ url, headers, method, body });
      const target = new URL(url, 'http://x');
      if (target.pathname === '/redirect') {
        const status = Number(target.searchParams.get('status') ?? 302);
        response.writeHead(status, { location: target.searchParams.get('to') ?? '/' }).end();
      } else if (target.pathname === '/big') response.end(Buffer.alloc(200_000, 65));
      else if (target.pathname === '/slow') setTimeout(() => response.end('late'), 5_000).unref();
      else if (target.pathname === '/cut') response.socket?.destroy();
      else response.setHeader('x-twice', ['a', 'b']).end(JSON.stringify({ url, method, body }));
    });
  };

  async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  const port = await listen(createServer(serve));
  const tlsPort = await listen(createTlsServer({ cert, key }, serve));
  const plain = `http://localhost:${port}`;
  const secure = `https://localhost:${tlsPort}`;
  const grant: HttpGrant = { allow: [plain, `localhost:${tlsPort}`], ca: cert };
  const run = (code: string, http: HttpGrant = grant, input: string | null = null) =>
    resultOf(execution, code, { http, input });
  const failureOf = (code: string, http: HttpGrant | undefined = grant, rest = {}) =>
    thrownBy(() => execution.executeJavaScript(callOf(code, { ...(http === undefined ? {} : { http }), ...rest })));
  const fetching = (url: string, init = '{}') => `async function main() {
  const response = await http.fetch(${JSON.stringify(url)}, ${init});
  const { status, url, redirected } = response;
  return { status, url, redirected, text: await response.text() };
}`;

  describe('http.fetch', () => {
    it('speaks http and https, and gives the answer as text, JSON or bytes', async () => {
      const code = `async function main(url) {
      const response = await http.fetch(url + '/a?b=c', { method: 'POST', headers: { 'x-one': 1 }, body: 'é' });
      const { status, ok, headers } = response;
      return [status, ok, headers.get('X-Twice'), headers.has('nothing'), await response.json(), (await response.bytes()).length];
    }`;
      for (const url of [plain, secure]) {
        const answer = { url: '/a?b=c', method: 'POST', body: 'é' };
        expect(await run(code, grant, url)).toEqual([
          200,
          true,
          'a, b',
          false,
          answer,
          Buffer.byteLength(JSON.stringify(answer)),
        ]);
        expect(requests.at(-1)?.headers).toMatchObject({
          'x-one': '1',
          host: new URL(url).host,
          'content-length': '2',
        });
      }
    });

    it('checks the server’s certificate', async () => {
      const failed = await failureOf(fetching(secure), { allow: [`localhost:${tlsPort}`] });
      expect(failed).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'Error' } });
      expect(failed.message).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/);
    });

    it('is denied without a grant, and to any host, port or scheme that is not in the list', async () => {
      expect((await failureOf(fetching(plain), undefined, { http: undefined })).code).toBe('ERR_JS_CAPABILITY_DENIED');
      for (const url of [
        'https://example.org',
        `https://localhost:${port}`,
        'http://localhost',
        `http://127.0.0.1:${port}`,
        'ftp://localhost',
      ]) {
        expect((await failureOf(fetching(url))).code).toBe('ERR_JS_CAPABILITY_DENIED');
      }
      expect(
        await run(
          `async function main() { try { await http.fetch('https://example.org'); } catch (e) { return e.message; } }`,
        ),
      ).toMatch(/example\.org/);
    });

    it('goes to no private address unless the list names it, whatever a name resolves to', async () => {
      const answers = [
        '127.0.0.1',
        '10.1.2.3',
        '169.254.169.254',
        '192.168.1.1',
        '172.20.0.1',
        '100.64.0.1',
        '0.0.0.0',
        '::1',
        'fe80::1',
        'fd00::1',
        '::ffff:127.0.0.1',
        '64:ff9b::7f00:1',
        '2002:7f00:1::',
      ];
      for (const address of answers) {
        const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
        const failed = await failureOf(fetching(`http://inner.example:${port}`), {
          allow: [`http://*.example:${port}`],
          resolve,
        });
        expect(failed.code).toBe('ERR_JS_CAPABILITY_DENIED');
      }
      expect(await run(fetching(`http://127.0.0.1:${port}/x`), { allow: [`http://127.0.0.1:${port}`] })).toMatchObject({
        status: 200,
      });
    });

    it('connects to the address that was checked, not to what the name is by then', async () => {
      const at = (address: string) => ({ allow: [plain], resolve: async () => [{ address, family: 4 }] });
      expect(await run(fetching(`${plain}/x`), at('127.0.0.1'))).toMatchObject({ status: 200 });
      // The system would still find the server under this name; nobody listens at the address that was answered.
      expect((await failureOf(fetching(`${plain}/x`), at('127.0.0.2'))).message).toMatch(/ECONNREFUSED/);
    });

    it('follows redirects within the list, counts them, and keeps personal headers to their host', async () => {
      const to = (target: string, status = 302) =>
        `${plain}/redirect?status=${status}&to=${encodeURIComponent(target)}`;
      const init = `{ method: 'POST', body: 'b', headers: { authorization: 'Bearer t', 'x-kept': 'k' } }`;
      expect(await run(fetching(to(`${secure}/there`), init))).toMatchObject({
        status: 200,
        url: `${secure}/there`,
        redirected: true,
      });
      expect(requests.at(-1)).toMatchObject({ method: 'GET', body: '', headers: { 'x-kept': 'k' } });
      expect(requests.at(-1)?.headers).not.toHaveProperty('authorization');
      await run(fetching(to('/same', 307), init));
      expect(requests.at(-1)).toMatchObject({ method: 'POST', body: 'b', headers: { authorization: 'Bearer t' } });
      expect((await failureOf(fetching(to('https://example.org/')))).code).toBe('ERR_JS_CAPABILITY_DENIED');
      expect((await failureOf(fetching(to('http://[::1]/')))).code).toBe('ERR_JS_CAPABILITY_DENIED');
      expect(await run(fetching(to('/x'), `{ redirect: 'manual' }`))).toMatchObject({ status: 302 });
      expect((await failureOf(fetching(to('/x'), `{ redirect: 'error' }`))).code).toBe('ERR_JS_USER');
      const before = requests.length;
      const loop = await failureOf(fetching(to(`/redirect?to=${encodeURIComponent('/redirect?to=/')}`)), {
        ...grant,
        requests: 2,
      });
      expect(loop).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'RangeError' } });
      expect(requests.length - before).toBe(2);
    });

    it('keeps to its bounds: size of the answer and the body, time, number', async () => {
      expect(await failureOf(fetching(`${plain}/big`), { ...grant, responseBytes: 100_000 })).toMatchObject({
        details: { name: 'RangeError' },
      });
      expect(
        await failureOf(fetching(plain, `{ method: 'PUT', body: 'x'.repeat(2000) }`), {
          ...grant,
          requestBytes: 1_000,
        }),
      ).toMatchObject({
        details: { name: 'RangeError' },
      });
      const started = Date.now();
      expect((await failureOf(fetching(`${plain}/slow`), { ...grant, timeoutMs: 100 })).message).toMatch(
        /within 100 ms/,
      );
      expect((await failureOf(fetching(`${plain}/slow`), grant, { limits: { timeoutMs: 100 } })).code).toBe(
        'ERR_JS_TIMEOUT',
      );
      expect(Date.now() - started).toBeLessThan(3_000);
      const twice = `async function main(url) { return (await Promise.all([1, 2].map((n) => http.fetch(url + n)))).length; }`;
      expect(await run(twice, { ...grant, requests: 2 }, `${plain}/`)).toBe(2);
      expect(await failureOf(twice, { ...grant, requests: 1 }, { input: `${plain}/` })).toMatchObject({
        details: { name: 'RangeError' },
      });
      expect(await failureOf(twice, grant, { input: `${plain}/`, limits: { hostCalls: 1 } })).toMatchObject({
        details: { name: 'RangeError' },
      });
      expect(await failureOf(fetching(`${plain}/big`), grant, { limits: { hostCallBytes: 100_000 } })).toMatchObject({
        details: { name: 'RangeError' },
      });
    });

    it.each([
      [`{ headers: { host: 'evil' } }`],
      [`{ headers: { 'Content-Length': '5' } }`],
      [`{ headers: { 'transfer-encoding': 'chunked' } }`],
      [`{ headers: { 'x': 'a\\r\\nhost: evil' } }`],
      [`{ headers: { 'bad name': 'a' } }`],
      [`{ headers: [['x', 'y'.repeat(20000)]] }`],
      [`{ method: 'CONNECT' }`],
      [`{ method: 'GET', body: 'x' }`],
      [`{ redirect: 'elsewhere' }`],
    ])('refuses to send %s', async (init) => {
      const before = requests.length;
      expect(await failureOf(fetching(plain, init))).toMatchObject({
        code: 'ERR_JS_USER',
        details: { name: expect.stringMatching(/^(?:Type|Range)Error$/) },
      });
      expect(requests).toHaveLength(before);
    });

    it('says what failed: the URL, the name, the connection', async () => {
      for (const url of ['nonsense', `http://user:pw@localhost:${port}/`]) {
        expect(await failureOf(fetching(url))).toMatchObject({ details: { name: 'TypeError' } });
      }
      const resolve = async () => Promise.reject(new Error('/etc/resolv.conf'));
      const unknown = await failureOf(fetching('https://a.example'), { allow: ['a.example'], resolve });
      expect(unknown.message).toMatch(/a\.example was not found/);
      expect((await failureOf(fetching(`${plain}/cut`))).message).toMatch(/ECONNRESET/);
      expect((await failureOf(fetching('http://localhost:1'), { allow: ['http://localhost:1'] })).message).toMatch(
        /ECONNREFUSED/,
      );
    });

    it.skipIf(differs(engine, 'neighbours'))(
      'does not keep others waiting: a spare worker runs while a function waits',
      async () => {
        const own = await sandbox({ engine });
        while (own.stats().spareWorkers === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        const controller = new AbortController();
        const waiting = thrownBy(() =>
          own.executeJavaScript(callOf(fetching(`${plain}/slow`), { http: grant, signal: controller.signal })),
        );
        while (own.stats().waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        expect(await resultOf(own, 'const main = () => 1;')).toBe(1);
        expect(own.stats()).toMatchObject({ busy: 1, waiting: 1 });
        controller.abort();
        expect((await waiting).code).toBe('ERR_JS_ABORTED');
      },
    );

    it('that was not waited for is given up with its call, and answers no later one', async () => {
      const detached = `function main(url) { http.fetch(url + '/slow').catch(() => {}); return 'done'; }`;
      expect(await run(detached, grant, plain)).toBe('done');
      expect(await run(fetching(`${plain}/after`))).toMatchObject({ status: 200 });
    });

    it.each([['example.org/path'], ['https://user@example.org'], [''], ['ftp://example.org'], ['*.'], ['a b']])(
      'is not granted to %j, which is no host',
      async (entry) => {
        expect((await failureOf('const main = () => 1;', { allow: [entry] })).code).toBe('ERR_INVALID_ARGUMENT');
      },
    );
  });
});
