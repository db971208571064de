import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { copyBom, occlumConfig } from '../../src/index.ts';
import { systemInstance } from '../support/system-instance.ts';

const unshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);
const ready = requireOrSkip(unshare.status === 0, 'user namespaces (util-linux, and a kernel that allows them)');
const python = requireOrSkip(
  existsSync('/usr/bin/python3.11') && existsSync('/usr/lib/python3.11/os.py'),
  'Python 3.11 (python3-minimal)',
);
const compiler = requireOrSkip(spawnSync('gcc', ['--version']).status === 0, 'gcc');

describe.skipIf(!ready)('programs of other languages (needs user namespaces)', () => {
  test.skipIf(!python)('Debian’s Python computes in an enclave (needs python3.11)', async () => {
    const { instance, folder, signKey } = await systemInstance();
    const bom = join(folder, 'python.yaml');
    writeFileSync(
      bom,
      `
excludes: [__pycache__, test, idlelib, tkinter, '*.a', 'config-*', lib-dynload, turtledemo, ensurepip]
targets:
  - target: /
    mkdirs: [dev, proc, root, tmp]
  - target: /usr/bin
    copy: [{ files: [/usr/bin/python3.11] }]
  - target: /usr/lib
    copy: [{ dirs: [/usr/lib/python3.11] }]
`,
    );
    await instance.build({
      signKey,
      config: occlumConfig({
        preset: 'python',
        entryPoints: ['/usr/bin/python3.11'],
        env: { PYTHONDONTWRITEBYTECODE: '1' },
      }),
      fillImage: (root) => copyBom(bom, { root }),
    });
    const code = 'import json, sys, os; print(json.dumps({"sum": sum(range(101)), "root": sorted(os.listdir("/"))}))';
    const report = await (await instance.run('/usr/bin/python3.11', ['-c', code])).exited;
    expect(report).toMatchObject({ kind: 'exited', code: 0 });
    const { sum, root } = JSON.parse(report.stdoutTail);
    expect(sum).toBe(5050);
    expect(root).not.toContain('home');
  });

  test.skipIf(!compiler)('a program in C runs, and its signal and code arrive (needs gcc)', async () => {
    const { instance, folder, signKey } = await systemInstance();
    const source = join(folder, 'main.c');
    const program = join(folder, 'main');
    writeFileSync(
      source,
      '#include <stdio.h>\n#include <stdlib.h>\nint main(int n, char **v) { if (n > 1) abort(); puts("native"); return 42; }\n',
    );
    expect(spawnSync('gcc', ['-pie', '-fPIE', '-o', program, source]).status).toBe(0);
    const bom = join(folder, 'bom.yaml');
    writeFileSync(
      bom,
      'targets: [{ target: /bin, copy: [{ files: ["$PROGRAM"] }] }, { target: /, mkdirs: [dev, proc] }]',
    );
    await instance.build({
      signKey,
      config: occlumConfig({ preset: 'native' }),
      fillImage: (root) => copyBom(bom, { root, variables: { PROGRAM: program } }),
    });
    const plain = await (await instance.run('/bin/main')).exited;
    expect(plain).toMatchObject({ kind: 'exited', code: 42, stdoutTail: 'native\n' });
    const aborting = await (await instance.run('/bin/main', ['x'])).exited;
    expect(aborting).toMatchObject({ kind: 'killed', signal: 'SIGABRT' });
  });
});
