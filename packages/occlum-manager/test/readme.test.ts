import { spawnSync } from 'node:child_process';
import { requireOrSkip, runReadmeExamples } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';

const unshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);
const ready = requireOrSkip(unshare.status === 0, 'user namespaces (util-linux, and a kernel that allows them)');

test.skipIf(!ready)('the example in the README runs a shell in an enclave (needs user namespaces)', () => {
  const [example] = runReadmeExamples(import.meta.url);
  expect(example?.output).toContain('hello from the enclave');
  expect(example?.output).toContain('code: 7');
  expect(example?.exitCode).toBe(0);
});
