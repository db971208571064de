import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ImageWriter,
  type OcclumConfigOptions,
  type OcclumInstance,
  OcclumManager,
  occlumConfig,
  programFiles,
} from '../../src/index.ts';
import { sharedKey } from './shared-key.ts';
import { tempFolder } from './temp-folder.ts';

/**
 * The occlum that contract tests drive: OCCLUM_BIN names a genuine one (`SGX_MODE=HW` for hardware, else its own
 * simulation mode); without it occlum-sim.
 */
async function testedManager(platformDir: string): Promise<OcclumManager> {
  const genuine = process.env['OCCLUM_BIN'];
  if (genuine === undefined) return await OcclumManager.locate({ simulation: true, platformDir });
  return await OcclumManager.locate({ simulation: process.env['SGX_MODE'] !== 'HW', occlumPath: genuine });
}

/** Fills an image with programs of this machine's Debian and what they need. */
async function fillWithPrograms(root: string, programs: readonly string[] = ['/bin/sh']): Promise<void> {
  const writer = await ImageWriter.open(root);
  for (const folder of ['dev', 'etc', 'proc', 'root', 'tmp']) await writer.folder(folder);
  for (const program of programs) {
    for (const { source, destination } of programFiles(program, program)) await writer.file(source, destination);
  }
}

/** An instance that is ready to be built, with the shell in its image. */
export async function systemInstance(
  options: Partial<OcclumConfigOptions> & { programs?: readonly string[]; name?: string; folder?: string } = {},
) {
  const { programs, name = 'system.inst', folder = tempFolder(), ...config } = options;
  const manager = await testedManager(join(folder, 'platform'));
  const instance = await manager.createInstance(join(folder, name));
  const signKey = join(folder, 'key.pem');
  writeFileSync(signKey, await sharedKey());
  const build = (): ReturnType<OcclumInstance['build']> =>
    instance.build({
      signKey,
      config: occlumConfig({ preset: 'native', untrustedEnv: ['GREETING'], ...config }),
      fillImage: (root) => fillWithPrograms(root, programs),
    });
  return { folder, manager, instance, signKey, build };
}

/** Runs a line of shell in the enclave to its end. */
export async function shell(instance: OcclumInstance, line: string, env: Record<string, string> = {}) {
  return await (await instance.run('/bin/sh', ['-c', line], { env })).exited;
}
