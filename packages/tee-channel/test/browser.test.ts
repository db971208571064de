import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleForBrowser } from '@neo-service-layer/testing/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelInitiator } from '../src/index.ts';
import { enclaveEnd, readAll, streamOf, utf8 } from './ends.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const source = `export { ChannelInitiator } from './dist/index.js'`;
let temporary = '';
let bundle: Awaited<ReturnType<typeof bundleForBrowser>>;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'channel-browser-'));
  bundle = await bundleForBrowser(source, folder);
});
afterAll(() => rm(temporary, { recursive: true, force: true }));

describe('the client as a browser gets it', () => {
  it('asks for nothing of Node, and is small', () => {
    expect(bundle.nodeModules).toEqual([]);
    expect(bundle.text).not.toContain('createCipheriv');
    expect(bundle.gzippedBytes).toBeLessThan(40_000);
  });

  it('speaks with an enclave that uses OpenSSL: calls, streams and resumption over WebCrypto alone', async () => {
    const file = join(temporary, 'client.mjs');
    await writeFile(file, bundle.text);
    const { ChannelInitiator: Web } = (await import(pathToFileURL(file).href)) as {
      ChannelInitiator: typeof ChannelInitiator;
    };
    const end = await enclaveEnd({ handleStream: async ({ body }) => body });
    const options = {
      claims: end.claims,
      evidenceDigest: new Uint8Array(32),
      exchange: (message: Uint8Array) => end.responder.receive(message),
    };
    const first = await Web.open(options);
    expect(utf8.decode(await first.call(utf8.encode('web')))).toBe('webweb');
    const body = streamOf([new Uint8Array(100_000).fill(1), new Uint8Array(10)]).stream;
    expect(await readAll(await first.stream(new Uint8Array(), { body }))).toHaveLength(100_010);
    const second = await Web.open({ ...options, resume: await first.ticket() });
    expect(second.isResumed).toBe(true);
    expect(utf8.decode(await second.call(utf8.encode('again')))).toBe('againagain');
  });
});
