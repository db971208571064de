import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { requireOrSkip } from './requirement.ts';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, or null where there is none: `describe.skipIf(!chromiumPath)('skipped: no chromium …')`. */
export const chromiumPath: string | null = findChromium();

function findChromium(): string | null {
  const found = candidates.find((path) => existsSync(path)) ?? null;
  return requireOrSkip(found !== null, 'chromium (apt-get install chromium)') ? found : null;
}

/** A program as a browser gets it. */
export interface BrowserBundle {
  text: string;
  bytes: number;
  gzippedBytes: number;
  /** Modules of Node that the program asks for: there must be none. */
  nodeModules: string[];
}

/**
 * Bundles a program for browsers: nothing but what it imports, and not one polyfill.
 * @param source text of an ES module that imports packages by name, as a user's would
 * @param folder where the names are resolved
 */
export async function bundleForBrowser(source: string, folder: string): Promise<BrowserBundle> {
  const nodeModules: string[] = [];
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    plugins: [
      {
        name: 'no-node',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^(node:|fs$|path$|crypto$|buffer$|process$|stream$|util$)/ }, ({ path }) => {
            nodeModules.push(path);
            return { path, external: true };
          });
        },
      },
    ],
  });
  const [output] = outputFiles;
  if (!output) throw new Error('esbuild made no bundle');
  const { text, contents } = output;
  return { text, bytes: contents.length, gzippedBytes: gzipSync(contents, { level: 9 }).length, nodeModules };
}

/** Pages with a module loaded into them, served from loopback (a secure context, so that they have WebCrypto). */
export interface BrowserPage {
  page: Page;
  /** What the pages wrote to their consoles as errors, and what they threw. */
  errors: string[];
  /** Another tab of the same browser, with the module loaded. */
  openTab(): Promise<Page>;
  close(): Promise<void>;
}

/** How pages are served. */
export interface PageOptions {
  /** Carries requests below `/v1/` on to this address, and WebSockets too: for the page it is one origin. */
  forwardTo?: string;
}

const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:";

/** Opens a page in headless Chromium that has loaded the module `script`, under a policy that lets it ask nobody else. */
export async function openPage(script: string, { forwardTo }: PageOptions = {}): Promise<BrowserPage> {
  if (chromiumPath === null) throw new Error('there is no chromium on this machine');
  const server = createServer((incoming, response) => {
    if (forwardTo !== undefined && incoming.url?.startsWith('/v1/')) return forward(forwardTo, incoming, response);
    const isScript = incoming.url === '/page.js';
    response.writeHead(200, {
      'content-type': isScript ? 'text/javascript' : 'text/html',
      ...(forwardTo === undefined ? {} : { 'content-security-policy': policy }),
    });
    return response.end(
      isScript
        ? script
        : '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    );
  });
  if (forwardTo !== undefined) forwardSockets(server, forwardTo);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext();
  const errors: string[] = [];
  const openTab = async () => {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'load' });
    return page;
  };
  const page = await openTab();
  const close = async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { page, errors, openTab, close };
}

function forward(to: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const outgoing = request(new URL(url, to), { method, headers: { 'content-type': headers['content-type'] ?? '' } });
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? '' });
    answer.pipe(response);
  });
  outgoing.on('error', () => response.writeHead(502).end());
  incoming.pipe(outgoing);
}

function forwardSockets(server: Server, to: string): void {
  server.on('upgrade', ({ url = '/', headers, httpVersion }, socket, head) => {
    const { hostname, port } = new URL(to);
    const beyond = connect(Number(port), hostname, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      beyond.write(`GET ${url} HTTP/${httpVersion}\r\n${lines.join('\r\n')}\r\n\r\n`);
      beyond.write(head);
      beyond.pipe(socket).pipe(beyond);
    });
    for (const end of [beyond, socket]) {
      end.on('error', () => {
        beyond.destroy();
        socket.destroy();
      });
    }
  });
}
