import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('in-little-space.mjs', import.meta.url));
const kib = 1_200 * 1024;
/** As in the enclave's image (enclave-image/src/node-options.ts). */
const flags = ['--disable-wasm-trap-handler', '--max-old-space-size=1024', '--v8-pool-size=2'];

describe('the whole service', () => {
  it('with two workers and a spare one fits into 1,200 MiB of address space, hostile calls included', {
    timeout: 120_000,
  }, () => {
    const command = `ulimit -v ${kib} && exec "$0" "$@"`;
    const { stdout, stderr, status, signal } = spawnSync('sh', ['-c', command, process.execPath, ...flags, script], {
      encoding: 'utf8',
      env: { MALLOC_ARENA_MAX: '1' },
    });
    expect({ stderr, status, signal }).toEqual({ stderr: '', status: 0, signal: null });
    const { outcomes, stats } = JSON.parse(stdout);
    const round = (last: string) => ['ERR_JS_MEMORY', 1, 'ERR_JS_MEMORY', last];
    expect(outcomes).toEqual([round('ERR_JS_TIMEOUT'), ...Array.from({ length: 2 }, () => round('ERR_JS_GAS'))]);
    expect(stats).toMatchObject({ calls: 12, replacedWorkers: 1 });
  });
});
