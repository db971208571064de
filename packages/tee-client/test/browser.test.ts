import { fileURLToPath } from 'node:url';
import { bundleForBrowser } from '@neo-service-layer/testing/browser';
import { expect, it } from 'vitest';

it('the client asks for nothing of Node in a browser', async () => {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const source = `export { HttpTransport, TeeClient, verifyEnclave } from './dist/index.js'`;
  const { nodeModules, text } = await bundleForBrowser(source, folder);
  expect(nodeModules).toEqual([]);
  expect(text).not.toContain('createCipheriv');
});
