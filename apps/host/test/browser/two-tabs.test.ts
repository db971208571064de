import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { type BrowserPage, bundleForBrowser, chromiumPath, openPage } from '@neo-service-layer/testing/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliEnvironment } from '../support/cli.ts';
import { ServedHost } from '../support/served-host.ts';

/** What a tab does; runs in the browser. */
const program = `
  import { ephemeralUserKey, HttpTransport, TeeClient, WebSocketTransport } from '@neo-service-layer/tee-client';
  const fromHex = (text) => new Uint8Array(text.match(/../g).map((byte) => parseInt(byte, 16)));
  const transports = { http: HttpTransport, webSocket: WebSocketTransport };
  let tee;
  globalThis.attempt = async (action, input) => {
    try {
      return await actions[action](input);
    } catch (error) {
      return { code: error.code ?? error.message };
    }
  };
  const actions = {
    async connect({ kind, mrEnclave, root, userId }) {
      const transport = new transports[kind](location.origin);
      const policy = { mrEnclave: [mrEnclave], allowSimulation: true };
      const user = await ephemeralUserKey(userId);
      tee = await TeeClient.connect({ transport, policy, trustAnchors: [fromHex(root)], user });
      return { ok: tee.evidence.ok, mode: tee.evidence.mode, mrEnclave: tee.evidence.claims.mrEnclave };
    },
    async run(name) {
      const code = 'const main = (input, secrets, functionId, userId) => "hello " + input + " from " + userId;';
      return (await tee.executeJavaScript({ code, functionId: 'hello', input: name })).result;
    },
    async boot() {
      return (await tee.getInfo()).bootId;
    },
    async stream(length) {
      const source = new Uint8Array(length).map((_, index) => index * 7);
      const sealed = await tee.sealStream({ name: 'n' }, new Blob([source]).stream());
      const opened = await tee.unsealStream({ name: 'n' }, sealed);
      let at = 0;
      let isSame = true;
      let pieces = 0;
      const reader = opened.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        isSame &&= next.value.every((byte, index) => byte === source[at + index]);
        at += next.value.length;
        pieces += 1;
      }
      return { length: at, isSame, severalPieces: pieces > 1 };
    },
  };
`;

type Tab = BrowserPage['page'];
const attempt = (tab: Tab, action: string, input?: unknown) =>
  tab.evaluate(
    ({ action, input }) =>
      (globalThis as unknown as { attempt(name: string, input: unknown): Promise<unknown> }).attempt(action, input),
    { action, input },
  );

describe.skipIf(chromiumPath === null)('two tabs of a browser', { timeout: 120_000 }, () => {
  let home: string;
  let host: ServedHost;
  let browser: BrowserPage;
  let connection: { mrEnclave: string; root: string };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'tee-tabs-'));
    host = await ServedHost.start(cliEnvironment(home));
    const { mrEnclave = '' } = await host.seen('listening');
    const { rootCertificate } = await SimulatedPlatform.open(join(home, 'platform'));
    connection = { mrEnclave, root: Buffer.from(rootCertificate).toString('hex') };
    const bundle = await bundleForBrowser(program, fileURLToPath(new URL('../..', import.meta.url)));
    expect(bundle.nodeModules).toEqual([]);
    browser = await openPage(bundle.text, { forwardTo: host.url });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await host?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it('verify the enclave, run, take streams, and go on after it was killed, each over its own way', async () => {
    const tabs = [
      { tab: browser.page, kind: 'http', userId: 'left' },
      { tab: await browser.openTab(), kind: 'webSocket', userId: 'right' },
    ] as const;
    for (const { tab, kind, userId } of tabs) {
      expect(await attempt(tab, 'connect', { ...connection, kind, userId })).toEqual({
        ok: true,
        mode: 'simulation',
        mrEnclave: connection.mrEnclave,
      });
    }
    const runs = await Promise.all(tabs.map(({ tab }) => attempt(tab, 'run', 'Neo')));
    expect(runs).toEqual(['hello Neo from left', 'hello Neo from right']);
    const streams = await Promise.all(tabs.map(({ tab }) => attempt(tab, 'stream', 700_000)));
    expect(streams).toEqual(tabs.map(() => ({ length: 700_000, isSame: true, severalPieces: true })));

    const [boot] = await Promise.all(tabs.map(({ tab }) => attempt(tab, 'boot')));
    const since = host.events.length;
    process.kill(-((await host.seen('enclave-started')).pid ?? 0), 'SIGKILL');
    await host.seen('enclave-started', since);
    for (const { tab, userId } of tabs) {
      // What comes first after the restart may find the session gone; it is told so, and the next call verifies anew.
      const first = await attempt(tab, 'run', 'again');
      if (first !== `hello again from ${userId}`) {
        expect(first).toMatchObject({ code: expect.stringMatching(/^ERR_(TRANSPORT|CHANNEL_SESSION|LINK_CLOSED)$/) });
      }
      expect(await attempt(tab, 'run', 'anew')).toBe(`hello anew from ${userId}`);
      expect(await attempt(tab, 'boot')).not.toBe(boot);
      expect(await attempt(tab, 'stream', 200_000)).toMatchObject({ length: 200_000, isSame: true });
    }
    // Chromium writes answers of 5xx to the console by itself; the program has written nothing.
    expect(browser.errors.filter((text) => !text.includes('Failed to load resource'))).toEqual([]);
  });

  it('send nothing to an enclave of another measurement, and say so', async () => {
    const tab = await browser.openTab();
    const wrong = { ...connection, mrEnclave: '00'.repeat(32), kind: 'http', userId: 'x' };
    expect(await attempt(tab, 'connect', wrong)).toEqual({ code: 'ERR_EVIDENCE_REJECTED' });
  });
});
