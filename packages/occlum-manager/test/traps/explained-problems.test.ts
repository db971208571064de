import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { diagnose, occlumConfig, parseConfigFor } from '../../src/index.ts';
import { recogniseBuildFailure } from '../../src/process/build-failure.ts';
import { decodeExit } from '../../src/process/exit-report.ts';
import { tempFolder } from '../support/temp-folder.ts';

/*
 * Occlum contract §7: what users of Occlum ran into and this package detects or explains, each named after the issue's
 * number. What it prevents is in prevented-problems.test.ts; docs/occlum-traps.md is the whole table.
 */
const raw = { command: 'run', exitCode: 1, signal: null, stdoutTail: '', stderrTail: '' } as const;
const pal = (code: string) => `[ERROR] occlum-pal: Failed to create enclave with error code ${code}: (line 152)`;

/** The diagnosis of a program that ended badly and printed this. */
function said(stderrTail: string, signal: string | null = null) {
  return decodeExit({ ...raw, signal, exitCode: signal === null ? 1 : null, stderrTail }).diagnosis;
}

describe('explained: recognised in what a build prints', () => {
  test.each([
    ['§7 #1242: Killed, Error 137', 'Killed\nmake: *** [build/mount/__ROOT] Error 137', /memory/],
    ['§7 #157: the disk is full', 'sefs-cli: No space left on device', /disk/],
    ['§7 #1285: an old processor', 'make: *** Illegal instruction (core dumped)', /processor/],
    ['§2.3: a size', 'The user_space_size "300" is not correct.', /size/],
    ['§2.3: a maximum', 'user_space_size: "600MB", user_space_max_size: Some("300MB"), wrong configuration', /maximum/],
    ['§2.3: a cache', 'Invalid cache_size "4096". The cache_size must be 1. larger', /cache/],
    ['§2.3: the root mount', 'Mount configuration invalid: Err("the root UnionFS is not valid")', /root mount/],
    ['§2.3: a missing field', 'It is not a valid Occlum configuration file.: Error("missing field")', /field/],
    ['§1.5: no image', "make: *** No rule to make target '/x/build/mount/__ROOT/metadata'", /image folder/],
  ])('%s', (_, line, meaning) => {
    expect(recogniseBuildFailure(`Building new image...\n${line}\n`, '')?.meaning).toMatch(meaning);
  });
});

describe('explained: recognised in what the launcher says', () => {
  test.each([
    ['§7 #1296: hardware and simulation are mixed', pal('0x200e'), /mixed/],
    ['§7 #1621: no device', pal('0x2006'), /device/],
    ['§7 #1259: EDMM asked of SGX1', pal('0x2003'), /EDMM/],
    ['§7 #1385: invalid metadata', pal('0x2009'), /metadata/],
    ['§7 #1454: out of thread control structures', pal('0x1003'), /thread/],
    ['§7 #1534: out of stack', pal('0x1009'), /stack/],
    ['§1.6: out of EPC', pal('0x2004'), /page cache/],
    ['§1.6: an error that is not known', pal('0x7777'), /0x7777/],
    ['§7 #509: FSGSBASE', 'FSGSBASE enablement check failed.', /FSGSBASE/],
    ['§7 #1579: the init has no key', 'The init process exit with code: 1', /init/],
    ['§7 #1536: ENOEXEC', 'failed to boot up LibOS: ENOEXEC: unknown executable file format', /position-independent/],
    ['§7 #1277: SEFS opened twice', 'failed to boot up LibOS: EWOULDBLOCK (#11)', /elsewhere/],
  ])('%s', (_, line, meaning) => {
    const report = decodeExit({ ...raw, stderrTail: `${line}\n` });
    expect(report).toMatchObject({ kind: 'failed', code: null });
    expect(report.diagnosis?.meaning).toMatch(meaning);
  });

  test('§7 #312: AESM is not started, which occlum tells on stdout', () => {
    const stdoutTail = 'Error: AESM service is not started yet. Need to start it first\n';
    expect(decodeExit({ ...raw, stdoutTail }).diagnosis?.hint).toContain('aesmd');
  });

  test('§7 #1272: a lost enclave may be started again, other failures not', () => {
    expect(decodeExit({ ...raw, stderrTail: pal('0x4') }).diagnosis?.restartable).toBe(true);
    expect(decodeExit({ ...raw, stderrTail: pal('0x2006') }).diagnosis?.restartable).toBe(false);
    expect(said('SGX_ERROR_ENCLAVE_LOST')?.restartable).toBe(true);
    const entering = 'Failed to enter the enclave to execute a LibOS thread (host tid = 7) with error code 0x4: lost';
    const lost = decodeExit({ ...raw, exitCode: 127, stderrTail: `[ERROR] occlum-pal: ${entering}` });
    expect(lost.diagnosis?.restartable).toBe(true);
  });
});

describe('explained: recognised in what a program or the LibOS prints', () => {
  test.each([
    ['§7 #860: a system call that is not there', 'Error: Function not implemented (os error 38)', /system call/],
    ['§7 #1546: fork', 'Error: spawn ENOSYS', /no fork/],
    ['§7 #1180: mmap', '[____Mmap] Error = ENOMEM: no memory', /mmap/],
    ['§7 #933: reserved memory', 'run out of reserved memory', /mmap/],
    ['§7 #634: brk', 'New brk address is too high', /program heap/],
    ['§7 #1511: the LibOS heap', 'memory allocation of 4096 bytes failed', /LibOS heap/],
    ['§7 #1180: bad_alloc', "terminate called after throwing an instance of 'std::bad_alloc'", /memory/],
    ['§7 #1062: WebAssembly', 'RangeError: WebAssembly.Memory(): could not allocate memory', /WebAssembly/],
    ['§7 #415: DNS', 'Error: getaddrinfo EAI_AGAIN localhost', /names/],
    ['§7 #720: x509', 'x509: certificate signed by unknown authority', /authorities/],
    ['§7 #1023: HOME', "KeyError: 'HOME'", /HOME/],
    ['§7 #899: PCCS', 'get_quote failed: SGX_QL_NETWORK_ERROR', /PCCS/],
    ['§7 #899: PCCS, by number', 'Error code is 0xe019', /PCCS/],
    ['§7 #469: threads at run time', 'SGX_ERROR_OUT_OF_TCS', /thread/],
    ['§7 #981: a library at run time', '/bin/x: error while loading shared libraries: libz.so.1: …', /library/],
    ['§7 #1569: config.rs', "thread '<unnamed>' panicked at 'explicit panic', src/config.rs:24:17", /Occlum\.json/],
  ])('%s', (_, line, meaning) => {
    expect(said(`some other line\n${line}\n`)?.meaning).toMatch(meaning);
  });

  test('§7 #1285: a program that ends with SIGILL, and §7 #1242: one that is killed', () => {
    expect(said('', 'SIGILL')?.meaning).toMatch(/instruction/);
    expect(said('', 'SIGKILL')?.meaning).toMatch(/memory/);
  });

  test('§7: noise that means nothing is not taken for a cause, nor is anything after code 0', () => {
    expect(
      said('New brk address is too low\nENOSYS Membarrier\n[WARN] Membarrier: Function not implemented\n'),
    ).toBeNull();
    expect(decodeExit({ ...raw, exitCode: 0, stderrTail: 'Error: spawn ENOSYS' }).diagnosis).toBeNull();
  });
});

describe('detected: the doctor', () => {
  const header = (minor: number) =>
    `#define OCCLUM_MAJOR_VERSION 0\n#define OCCLUM_MINOR_VERSION ${minor}\n#define OCCLUM_PATCH_VERSION 0\n`;

  async function found(kernel: string, minor: number): Promise<Record<string, string>> {
    const root = tempFolder();
    for (const [path, text] of [
      ['opt/occlum/build/bin/occlum', '#!/bin/bash\n'],
      ['opt/occlum/include/occlum_version.h', header(minor)],
    ] as const) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text, { mode: 0o755 });
    }
    const env = { OCCLUM_PATH: join(root, 'opt/occlum') };
    const findings = await diagnose({ simulation: false, nodePath: '/bin/sh', machine: { root, kernel, env } });
    return Object.fromEntries(findings.map(({ check, level }) => [check, level]));
  }

  test('§7 #860, #509, #1621, #312, #899: finds an old Occlum, an old kernel, and no device, AESM or PCCS', async () => {
    expect(await found('5.4.0', 28)).toMatchObject({
      occlum: 'warning',
      kernel: 'problem',
      'enclave device': 'problem',
      'AESM service': 'warning',
      'PCCS configuration': 'warning',
    });
    expect(await found('6.1.0', 31)).toMatchObject({ occlum: 'ok', kernel: 'ok' });
  });

  test('§7 #992: a field that an older Occlum would ignore is refused for it', async () => {
    const value = { ...occlumConfig({ preset: 'native' }), feature: { io_uring: 2 } };
    expect((await thrownBy(() => parseConfigFor('0.30.1', value))).code).toBe('ERR_OCCLUM_CONFIG');
    expect(parseConfigFor('0.31.0', value)).toBeDefined();
  });
});
