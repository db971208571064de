import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { builtInConfiguration } from '@neo-service-layer/enclave-runtime';
import type { TeeClient } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from './enclave.ts';

let host: Awaited<ReturnType<typeof machine>>;
let closed: Awaited<ReturnType<typeof startEnclave>>;
let open: Awaited<ReturnType<typeof startEnclave>>;
let server: Server;
let origin: string;

beforeAll(async () => {
  host = await machine();
  const key = signer();
  closed = await startEnclave(host.platform, key);
  const grants = { capabilities: ['crypto'] as const, http: 'any' as const };
  open = await startEnclave(host.platform, key, { configuration: { ...builtInConfiguration, grants } });
  server = createServer((_, response) => response.end('{"price":42}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await Promise.all([closed.stop(), open.stop()]);
  server.close();
  await host.remove();
});

const names = { functionId: 'f', userId: 'u' };
const fetching = (client: TeeClient, allow: string[], url = `${origin}/price`) =>
  client.executeJavaScript({
    ...names,
    kind: 'module',
    code: 'export default async (input) => (await (await http.fetch(input.url)).json()).price;',
    input: { url },
    http: { allow },
  });

describe('what an enclave grants a function', () => {
  it('takes TypeScript of several files', async () => {
    const outcome = await (await closed.connect()).executeJavaScript({
      ...names,
      kind: 'ts',
      code: 'import { twice } from "./twice.ts";\nexport const main = (input: { n: number }): number => twice(input.n);',
      files: { 'twice.ts': 'export const twice = (n: number): number => 2 * n;' },
      input: { n: 21 },
    });
    expect(outcome.result).toBe(42);
  });

  it('lets a function fetch where the caller and the measured configuration let it', async () => {
    const client = await open.connect();
    expect((await fetching(client, [origin])).result).toBe(42);
    expect((await thrownBy(() => fetching(client, ['http://example.org']))).code).toMatch(/^ERR_JS_/);
  });

  it.each([
    'http://127.0.0.1:1',
    'http://[::1]:1',
    'localhost',
    'http://169.254.169.254',
    '*.localhost',
    'http://0x7f.1',
  ])('does not open the network around the host: %s', async (entry) => {
    const client = await closed.connect();
    expect((await thrownBy(() => fetching(client, [entry]))).code).toBe('ERR_JS_CAPABILITY_DENIED');
  });

  it('refuses a capability that its configuration does not have', async () => {
    const client = await open.connect();
    const call = { ...names, code: 'function main() { return 1 }', capabilities: ['eval' as const] };
    expect((await thrownBy(() => client.executeJavaScript(call))).code).toBe('ERR_JS_CAPABILITY_DENIED');
    expect((await (await closed.connect()).executeJavaScript(call)).result).toBe(1);
  });
});
