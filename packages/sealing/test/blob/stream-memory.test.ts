import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('seals and opens 384 MiB as a stream in less than 64 MiB of extra memory', () => {
  const program = fileURLToPath(new URL('../support/stream-memory.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '384'], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { bytes, extraMiB } = JSON.parse(stdout);
  expect(bytes).toBe(384 * 1024 * 1024);
  expect(extraMiB).toBeLessThan(64);
}, 120_000);
