import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { copyBom, occlumConfig, readElf } from '../../src/index.ts';
import { canRun, demandsPie, systemInstance } from '../support/system-instance.ts';

const python = '/usr/bin/python3.11';
const library = '/usr/lib/python3.11';
const hasPython = requireOrSkip(
  existsSync(python) && existsSync(`${library}/os.py`) && (!demandsPie || readElf(python)?.type === 'dyn'),
  'Python 3.11 (python3-minimal), position-independent where occlum is the genuine one (Debian’s is not)',
);
const compiler = requireOrSkip(spawnSync('gcc', ['--version']).status === 0, 'gcc');

describe.skipIf(!canRun)('programs of other languages (needs user namespaces when simulated)', () => {
  test.skipIf(!hasPython)(
    'Debian’s Python computes in an enclave (needs python3.11, PIE for genuine occlum)',
    async () => {
      const { instance, folder, signKey, manager } = await systemInstance();
      const bom = join(folder, 'python.yaml');
      writeFileSync(
        bom,
        `
excludes: [__pycache__, test, idlelib, tkinter, '*.a', 'config-*', lib-dynload, turtledemo, ensurepip]
targets:
  - target: /
    mkdirs: [dev, etc, proc, root, tmp]
  - target: /usr/bin
    copy: [{ files: [${python}] }]
  - target: /usr/lib
    copy: [{ dirs: [${library}] }]
`,
      );
      await instance.build({
        signKey,
        config: occlumConfig({ preset: 'python', entryPoints: [python], env: { PYTHONDONTWRITEBYTECODE: '1' } }),
        fillImage: (root) => copyBom(bom, { root, loader: manager.programLoader }),
      });
      const code = 'import json, sys, os; print(json.dumps({"sum": sum(range(101)), "root": sorted(os.listdir("/"))}))';
      const report = await (await instance.run(python, ['-c', code])).exited;
      expect(report).toMatchObject({ kind: 'exited', code: 0 });
      const { sum, root } = JSON.parse(report.stdoutTail);
      expect(sum).toBe(5050);
      expect(root).not.toContain('home');
    },
  );

  test.skipIf(!compiler)('a program in C runs, and its signal and code arrive (needs gcc)', async () => {
    const { instance, folder, signKey, manager } = await systemInstance();
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
      'targets: [{ target: /bin, copy: [{ files: ["$PROGRAM"] }] }, { target: /, mkdirs: [dev, etc, proc, root, tmp] }]',
    );
    await instance.build({
      signKey,
      config: occlumConfig({ preset: 'native' }),
      fillImage: (root) => copyBom(bom, { root, variables: { PROGRAM: program }, loader: manager.programLoader }),
    });
    const plain = await (await instance.run('/bin/main')).exited;
    expect(plain).toMatchObject({ kind: 'exited', code: 42, stdoutTail: 'native\n' });
    const aborting = await (await instance.run('/bin/main', ['x'])).exited;
    expect(aborting).toMatchObject({ kind: 'killed', signal: 'SIGABRT' });
  });
});
