import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { userNamespaces } from '../support/namespaces.ts';

interface Row {
  name: string;
  value: number;
}

it('clients of a host that meddles, with an enclave that is killed: right, or a typed error, and never twice', {
  timeout: 120_000,
}, () => {
  const program = fileURLToPath(new URL('../../bench/soak.mjs', import.meta.url));
  const args = ['--seconds', '14', '--restart', '6', '--clients', '20', '--pause', '300', '--json'];
  const env = { PATH: process.env['PATH'], ...(userNamespaces ? {} : { OCCLUM_SIM_NO_ROOTFS: '1' }) };
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env });
  const rows: Row[] = JSON.parse(stdout || JSON.stringify({ rows: [], stderr })).rows;
  const value = (name: string) => rows.find((row) => row.name === name)?.value ?? stderr;
  expect(value('wrong results')).toBe(0);
  expect(value('errors without a type')).toBe(0);
  expect(value('calls made twice')).toBe(0);
  expect(value('of one call made twice on purpose, noticed')).toBe(1);
  // The faults and the restarts did happen, and calls went through all the same.
  expect(value('restarts of the enclave')).toBeGreaterThanOrEqual(1);
  expect(value('typed errors')).toBeGreaterThan(20);
  expect(value('right results')).toBeGreaterThan(100);
});
