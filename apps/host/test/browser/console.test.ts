import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forgeEvidence } from '@neo-service-layer/evil-host';
import { chromiumPath } from '@neo-service-layer/testing/browser';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EvilRelay, startEvilRelay } from '../../src/dev/evil-relay.ts';
import { cliEnvironment } from '../support/cli.ts';
import { ServedHost } from '../support/served-host.ts';

const pages = ['trust', 'functions', 'data', 'live', 'policy'] as const;
const pictures = fileURLToPath(new URL('../../.test-results/console/', import.meta.url));

/** A page of the console, with what went wrong in it and whom it asked. */
interface Visit {
  page: Page;
  errors: string[];
  /** Method and address of each request. */
  requests: string[];
}

describe.skipIf(chromiumPath === null)('the console in a browser', { timeout: 120_000 }, () => {
  let home: string;
  let host: ServedHost;
  let url = '';
  let browser: Browser;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'tee-console-'));
    await mkdir(pictures, { recursive: true });
    host = await ServedHost.start(cliEnvironment(home));
    url = host.url;
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await host?.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function visit(at: string, width = 1600, colorScheme: 'light' | 'dark' = 'light'): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme });
    await context.addInitScript(() => {
      const shifts = globalThis as unknown as { shifted: number };
      shifts.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
          if (!entry.hadRecentInput) shifts.shifted += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
    await page.goto(at);
    return { page, errors, requests };
  }

  const standing = (page: Page, words: string) =>
    page.locator('.standing', { hasText: words }).waitFor({ timeout: 20_000 });

  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const { violations: found } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document),
    );
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  }

  it.each([
    [1600, 'light'],
    [1600, 'dark'],
    [400, 'light'],
    [400, 'dark'],
  ] as const)('shows every page at %i pixels in %s, readable and within its width', async (width, scheme) => {
    const { page, errors, requests } = await visit(`${url}/`, width, scheme);
    await standing(page, 'Enclave verified');
    const shifts = new Map([
      ['loading', await page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted)],
    ]);
    for (const name of pages) {
      await page.evaluate(() => Object.assign(globalThis, { shifted: 0 }));
      await page.goto(`${url}/#/${name}`);
      await page.locator('h1', { hasText: new RegExp(name, 'i') }).waitFor();
      if (name === 'functions') await page.locator('.cm-content').waitFor();
      await expect.poll(() => page.locator('.simulation').isVisible()).toBe(true);
      expect(await violations(page), name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width);
      shifts.set(name, await page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted));
      await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}.png`), fullPage: true });
    }
    expect(Math.max(...shifts.values()), JSON.stringify([...shifts])).toBeLessThan(0.05);
    expect(errors).toEqual([]);
    expect(requests.filter((request) => !request.includes(url))).toEqual([]);
    await page.context().close();
  });

  it('runs a function with a secret by keyboard alone, and verifies its receipt', async () => {
    const { page, errors } = await visit(`${url}/#/functions`);
    await standing(page, 'Enclave verified');
    await page.locator('.cm-content').waitFor();
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
    const tabTo = async (label: string) => {
      for (let steps = 0; steps < 40; steps += 1) {
        if ((await focused()) === label) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no ${label} by keyboard`);
    };
    await tabTo('Value of secret 1');
    await page.keyboard.type('1');
    await tabTo('Run in the enclave');
    await page.keyboard.press('Enter');
    await page.locator('[data-result]').waitFor({ timeout: 20_000 });
    expect(JSON.parse((await page.locator('[data-result]').textContent()) ?? '')).toMatchObject({ price: 25 });
    expect(await page.locator('[data-receipt]').getAttribute('data-receipt')).toBe('verified');
    await page.screenshot({ path: join(pictures, 'functions-result.png'), fullPage: true });
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('signs a user in with a new key, and keeps a secret for it', async () => {
    const { page, errors } = await visit(`${url}/#/data`);
    await standing(page, 'Enclave verified');
    await page.locator('#user-id').fill('carol');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Make a key' }).click();
    expect((await saved).suggestedFilename()).toBe('carol.pem');
    await page.getByText('You keep no secrets.').waitFor({ timeout: 20_000 });
    await page.getByLabel('Name of the secret').fill('apiKey');
    await page.getByLabel('Value of the secret').fill('hunter2');
    await page.getByRole('button', { name: 'Set the secret' }).click();
    await page.getByRole('button', { name: 'Remove the secret apiKey' }).waitFor({ timeout: 20_000 });
    expect(await page.locator('main').textContent()).not.toContain('hunter2');
    await page.screenshot({ path: join(pictures, 'data-signed-in.png'), fullPage: true });
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  describe('before a host that shows wrong evidence', () => {
    let evil: EvilRelay;
    beforeAll(async () => {
      // One bit of the quote's signed part.
      const forged = forgeEvidence((bundle) => ({
        ...bundle,
        quote: bundle.quote.with(200, (bundle.quote[200] ?? 0) ^ 1),
      }));
      evil = await startEvilRelay(url, 0, [forged]);
    });
    afterAll(() => evil.close());

    it('turns the Trust page red and sends nothing from the Functions page', async () => {
      const { page, requests } = await visit(`${evil.url}/`);
      await standing(page, 'Enclave refused');
      expect(await page.locator('.verdict.bad').textContent()).toContain('ERR_QUOTE_SIGNATURE');
      const red = await page.locator('.verdict.bad').evaluate((element) => getComputedStyle(element).borderLeftColor);
      const [r = 0, g = 0, b = 0] = red.match(/[\d.]+/g)?.map(Number) ?? [];
      expect(red).toMatch(/^rgb/);
      expect(r).toBeGreaterThan(Math.max(g, b));
      expect(await page.locator('.chain .bad').count()).toBeGreaterThan(0);
      expect(await violations(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, 'trust-refused.png'), fullPage: true });

      await page.goto(`${evil.url}/#/functions`);
      await page.locator('button.main').focus();
      await page.keyboard.press('Enter');
      await page.locator('.outcome [role=alert]').waitFor();
      expect(await page.locator('.outcome').textContent()).toContain('ERR_EVIDENCE_REJECTED');
      expect(requests.filter((request) => request.startsWith('POST'))).toEqual([]);
      await page.screenshot({ path: join(pictures, 'functions-refused.png'), fullPage: true });
      await page.context().close();
    });
  });
});
