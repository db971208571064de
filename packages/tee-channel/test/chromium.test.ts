import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type BrowserPage, bundleForBrowser, chromiumPath, openPage } from '@neo-service-layer/testing/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enclaveEnd } from './ends.ts';

/** What the page does with the channel; runs in the browser. */
const program = `
  import { ChannelInitiator } from './dist/index.js';
  const fromHex = (text) => new Uint8Array(text.match(/../g).map((byte) => parseInt(byte, 16)));
  const utf8 = { encode: (text) => new TextEncoder().encode(text), decode: (bytes) => new TextDecoder().decode(bytes) };
  globalThis.run = async ({ url, identityKey }) => {
    const claims = { identityKey: fromHex(identityKey), suites: [1], minVersion: 1 };
    const exchange = async (body) => new Uint8Array(await (await fetch(url, { method: 'POST', body })).arrayBuffer());
    const open = (resume) =>
      ChannelInitiator.open({ claims, evidenceDigest: new Uint8Array(32), exchange, ...(resume ? { resume } : {}) });
    const channel = await open();
    const calls = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((i) => channel.call(utf8.encode('call ' + i))));
    const body = new Blob([new Uint8Array(3_000_000).fill(7), 'end']).stream();
    const answer = await channel.stream(utf8.encode('head'), { body });
    let length = 0;
    let tail = '';
    const reader = answer.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.length;
      tail = utf8.decode(next.value.subarray(-3));
    }
    const resumed = await open(await channel.ticket());
    return { calls: calls.map(utf8.decode), length, tail, isResumed: resumed.isResumed };
  };
`;

describe.skipIf(chromiumPath === null)('a page in Chromium, over HTTP with its six connections', () => {
  let server: Server;
  let browser: BrowserPage;
  const seen: Buffer[] = [];
  let end: Awaited<ReturnType<typeof enclaveEnd>>;

  beforeAll(async () => {
    end = await enclaveEnd({ handleStream: async ({ body }) => body });
    server = createServer(async (request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      seen.push(Buffer.concat(parts));
      response.end(await end.responder.receive(new Uint8Array(Buffer.concat(parts))));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bundle = await bundleForBrowser(program, fileURLToPath(new URL('..', import.meta.url)));
    browser = await openPage(bundle.text);
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  it('opens a session, calls, streams both ways at once, and resumes', async () => {
    const { port } = server.address() as AddressInfo;
    const input = {
      url: `http://127.0.0.1:${port}/`,
      identityKey: Buffer.from(end.identity.publicKey).toString('hex'),
    };
    const result = await browser.page.evaluate((given) => Reflect.get(globalThis, 'run')(given), input);
    expect(browser.errors).toEqual([]);
    expect(result).toEqual({
      calls: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `call ${i}call ${i}`),
      length: 3_000_003,
      tail: 'end',
      isResumed: true,
    });
    expect(seen.some((message) => message.includes('call'))).toBe(false);
  });
});
