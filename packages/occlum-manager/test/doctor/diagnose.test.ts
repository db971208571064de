import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnose, type Finding } from '../../src/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A machine whose files are these. */
function machineWith(files: Record<string, string>): string {
  const root = tempFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  }
  return root;
}

function levels(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ check, level }) => [check, level]));
}

const complete = {
  '/proc/cpuinfo': 'processor : 0\nflags\t\t: fpu sgx sgx_lc avx2\n',
  '/dev/sgx_enclave': '',
  '/dev/sgx_provision': '',
  '/var/run/aesmd/aesm.socket': '',
  '/etc/sgx_default_qcnl.conf': '{\n  // the service\n  "pccs_url": "https://localhost:8081/sgx/certification/v4/"\n}',
  '/opt/occlum/build/bin/occlum': '#!/bin/bash\n',
  '/opt/occlum/include/occlum_version.h':
    '#define OCCLUM_MAJOR_VERSION 0\n#define OCCLUM_MINOR_VERSION 31\n#define OCCLUM_PATCH_VERSION 0\n',
};

describe('a machine with SGX', () => {
  test('that has everything passes', async () => {
    const root = machineWith(complete);
    const machine = { root, kernel: '6.1.0', env: { OCCLUM_PATH: join(root, 'opt/occlum') } };
    const findings = await diagnose({ simulation: false, machine, nodePath: '/bin/sh' });
    expect(findings.filter(({ level, check }) => level !== 'ok' && check !== 'memory' && check !== 'disk')).toEqual([]);
    expect(findings.find(({ check }) => check === 'occlum')?.found).toContain('version 0.31.0');
    expect(findings.find(({ check }) => check === 'PCCS configuration')?.found).toContain('localhost:8081');
  });

  test('that has nothing is told what to do about each thing', async () => {
    const machine = { root: machineWith({}), kernel: '5.4.0-generic', arch: 'arm64', nodeVersion: 'v18.20.4', env: {} };
    const findings = await diagnose({ simulation: false, machine });
    expect(levels(findings)).toMatchObject({
      machine: 'problem',
      'Node.js': 'problem',
      occlum: 'problem',
      'SGX in the processor': 'problem',
      kernel: 'problem',
      'enclave device': 'problem',
      'provision device': 'problem',
      'AESM service': 'warning',
      'PCCS configuration': 'warning',
    });
    for (const { level, next } of findings) expect(next === null).toBe(level === 'ok');
  });

  test('with the older form of the PCCS configuration is understood', async () => {
    const root = machineWith({ ...complete, '/etc/sgx_default_qcnl.conf': '# PCCS\nPCCS_URL=https://pccs.example/\n' });
    const findings = await diagnose({ simulation: false, machine: { root, env: {} } });
    expect(findings.find(({ check }) => check === 'PCCS configuration')?.found).toBe('https://pccs.example/');
  });

  test('with an Occlum too old is warned', async () => {
    const header = complete['/opt/occlum/include/occlum_version.h'].replace('31', '29');
    const root = machineWith({ ...complete, '/opt/occlum/include/occlum_version.h': header });
    const findings = await diagnose({
      simulation: false,
      machine: { root, env: { OCCLUM_PATH: join(root, 'opt/occlum') } },
    });
    expect(levels(findings)['occlum']).toBe('warning');
  });
});

test('for simulation no SGX is asked for', async () => {
  const findings = await diagnose({ simulation: true });
  const names = findings.map(({ check }) => check);
  expect(names).toEqual(expect.arrayContaining(['occlum-sim', 'user namespaces', 'Node.js for the enclave']));
  expect(names).not.toContain('enclave device');
  expect(levels(findings)['occlum-sim']).toBe('ok');
});
