import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
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

const genuine = process.env['OCCLUM_BIN'] !== undefined;
const unshare = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']);

/** Whether an occlum is there to be driven; where it is the simulator, with the image as root of its programs. */
export const canRun = requireOrSkip(
  genuine || unshare.status === 0,
  'user namespaces (util-linux, and a kernel that allows them)',
);

/** Whether it is the genuine one, which loads position-independent programs only. */
export const demandsPie = genuine;

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
async function fillWithPrograms(
  root: string,
  loader: string | undefined,
  programs: readonly string[] = ['/bin/sh'],
): Promise<void> {
  const writer = await ImageWriter.open(root);
  for (const folder of ['dev', 'etc', 'proc', 'root', 'tmp']) await writer.folder(folder);
  for (const program of programs) {
    for (const { source, destination } of programFiles(program, program, { loader }))
      await writer.file(source, destination);
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
  writeFileSync(signKey, sharedKey());
  const fillImage = (root: string): Promise<void> => fillWithPrograms(root, manager.programLoader, programs);
  const build = (): ReturnType<OcclumInstance['build']> =>
    instance.build({
      signKey,
      config: occlumConfig({ preset: 'native', untrustedEnv: ['GREETING'], ...config }),
      fillImage,
    });
  return { folder, manager, instance, signKey, fillImage, build };
}

/** Runs a line of shell in the enclave to its end. */
export async function shell(instance: OcclumInstance, line: string, env: Record<string, string> = {}) {
  return await (await instance.run('/bin/sh', ['-c', line], { env })).exited;
}
