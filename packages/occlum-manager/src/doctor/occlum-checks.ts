import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { readElf } from '../image/read-elf.ts';
import { findOcclum, findSimulator } from '../locate/find-executable.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Machine } from './machine.ts';

/** Whether the tool is there, and which. */
export async function occlumExecutable(machine: Machine, simulation: boolean): Promise<Finding> {
  const check = simulation ? 'occlum-sim' : 'occlum';
  try {
    const { file, firstArguments } = simulation ? await findSimulator(machine.env) : await findOcclum(machine.env);
    if (simulation) return ok(check, firstArguments[0] ?? file);
    const version = installedVersion(file);
    if (version === undefined) return warning(check, `${file}, of unknown version`, 'Use Occlum 0.30.1 or later.');
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major === 0 && minor >= 30) return ok(check, `${file}, version ${version}`);
    return warning(
      check,
      `${file}, version ${version}`,
      'Use Occlum 0.30.1 to 0.31: other versions have other fields.',
    );
  } catch (error) {
    if (!(error instanceof TeeError)) throw error;
    return problem(check, error.message, error.hint ?? 'Install it.');
  }
}

/** Whether a Node binary is one that genuine Occlum loads. */
export function nodeBinary(node: string, simulation: boolean): Finding {
  const check = 'Node.js for the enclave';
  if (readElf(node)?.type === 'dyn') return ok(check, `${node} is position-independent`);
  const found = `${node} is not position-independent`;
  const next = 'Genuine Occlum refuses it. Use Debian’s nodejs package, which is, as nodePath.';
  return simulation ? warning(check, found, next) : problem(check, found, next);
}

/** The version header lies beside the tool in a development installation only (occlum-contract §1.1). */
function installedVersion(executable: string): string | undefined {
  const root = join(executable, '..', '..', '..');
  for (const header of ['include/occlum_version.h', 'src/pal/include/occlum_version.h']) {
    try {
      const text = readFileSync(join(root, header), 'utf8');
      const part = (name: string): string => new RegExp(`OCCLUM_${name}_VERSION\\s+(\\d+)`).exec(text)?.[1] ?? '0';
      return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
