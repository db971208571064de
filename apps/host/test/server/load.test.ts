import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { userNamespaces } from '../support/namespaces.ts';

interface Row {
  name: string;
  value: number;
}

it('fifty clients beside slow and greedy ones get right results; an enclave killed under them is told, and comes back', {
  timeout: 120_000,
}, () => {
  const program = fileURLToPath(new URL('../../bench/host.mjs', import.meta.url));
  const args = ['--seconds', '5', '--connections', '50', '--json'];
  const env = { PATH: process.env['PATH'], ...(userNamespaces ? {} : { OCCLUM_SIM_NO_ROOTFS: '1' }) };
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env });
  const rows: Row[] = JSON.parse(stdout || JSON.stringify({ rows: [] })).rows;
  const value = (name: string) => rows.find((row) => row.name === name)?.value ?? stderr;
  expect(value('calls before the kill')).toBeGreaterThan(50);
  for (const name of [
    'wrong results',
    'errors before the kill: others',
    'errors without a type',
    'slow or large, answered otherwise',
    'lost calls without an answer',
  ]) {
    expect({ name, value: value(name) }).toEqual({ name, value: 0 });
  }
  // The disturbances and the loss did happen, and calls went through all the same.
  expect(value('slow clients given up')).toBeGreaterThan(0);
  expect(value('bodies refused as too large')).toBeGreaterThan(0);
  expect(value('lost calls that were told ERR_ENCLAVE_LOST')).toBeGreaterThan(10);
  expect(value('calls after the kill')).toBeGreaterThan(0);
});
