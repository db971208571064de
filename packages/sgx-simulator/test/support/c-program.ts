import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

/** True where gcc can build programs, also static ones. */
export function hasCompiler(): boolean {
  return spawnSync('gcc', ['--version']).status === 0;
}

/** Builds a C program. @param flags of gcc, e.g. `-no-pie` */
export function buildProgram(target: string, source: string, flags: string[] = []): void {
  const file = `${target}.c`;
  writeFileSync(file, source);
  const built = spawnSync('gcc', ['-O1', '-pthread', ...flags, '-o', target, file], { encoding: 'utf8' });
  rmSync(file);
  if (built.status !== 0) throw new Error(`gcc: ${built.stderr}`);
}
