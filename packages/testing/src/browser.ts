import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** A page with a module loaded into it, served from loopback (a secure context, so that it has WebCrypto). */
export interface BrowserPage {
  page: Page;
  /** What the page wrote to its console as an error, and what it threw. */
  errors: string[];
  close(): Promise<void>;
}

/** Opens a page in headless Chromium that has loaded the module `script`. */
export async function openPage(script: string): Promise<BrowserPage> {
  if (chromiumPath === null) throw new Error('there is no chromium on this machine');
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(
      isScript
        ? script
        : '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'load' });
  const close = async () => {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
  };
  return { page, errors, close };
}
