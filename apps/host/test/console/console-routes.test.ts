import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Suggestion } from '../../src/server/console-routes.ts';
import { hostConfigurationSchema } from '../../src/server/host-configuration.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { counts } from '../support/supervisor-counts.ts';

let server: RunningServer | null = null;
let folder: string | null = null;
afterEach(async () => {
  await server?.close();
  if (folder !== null) await rm(folder, { recursive: true, force: true });
  server = null;
  folder = null;
});

async function serve(suggestion: Suggestion | null = null, isBuilt = true): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'tee-console-'));
  const built = join(folder, 'console');
  await mkdir(join(built, 'assets'), { recursive: true });
  await writeFile(join(built, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(built, 'assets', 'main-abc.js'), 'void 0;');
  await writeFile(join(folder, 'secret.js'), 'not of the console');
  const configuration = hostConfigurationSchema.parse({ port: 0, logLevel: 'silent', drainSeconds: 2 });
  const options = { folder: isBuilt ? built : null, suggestion: () => suggestion };
  server = await startServer({ configuration, enclave: () => null, enclaveMetrics: () => counts, console: options });
  return server.url;
}

/** Asks for a path as it is: clients that follow the standard take dots out of it. */
function raw(url: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the routes of the console', () => {
  it('serve the page under a policy that allows nothing inline and no other origin, to be asked for again', async () => {
    const url = await serve();
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>console</title>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const again = await fetch(url, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it('let files with a hash in their names be kept for ever', async () => {
    const file = await fetch(`${await serve()}/assets/main-abc.js`);
    expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it.each(['/../secret.js', '/assets/../../secret.js', '/assets/%2e%2e/%2e%2e/secret.js', '/%2e%2e%2fsecret.js'])(
    'give nothing from outside the folder for %s',
    async (path) => {
      const answer = await raw(await serve(), path);
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answer).not.toContain('not of the console');
    },
  );

  it('say how to build the console where there is none, while the host goes on', async () => {
    const url = await serve(null, false);
    const answer = await fetch(url);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      code: 'ERR_NOT_FOUND',
      detail: expect.stringContaining('turbo run build'),
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(204);
  });

  it('tell what the host suggests, or that it suggests nothing', async () => {
    const suggestion = { policy: { mrEnclave: ['ab'.repeat(32)], allowSimulation: true }, roots: ['PEM'] };
    expect(await (await fetch(`${await serve(suggestion)}/v1/suggestion`)).json()).toEqual(suggestion);
    await server?.close();
    const none = await fetch(`${await serve()}/v1/suggestion`);
    expect(none.status).toBe(404);
    expect(await none.json()).toMatchObject({ code: 'ERR_NOT_FOUND' });
  });
});
