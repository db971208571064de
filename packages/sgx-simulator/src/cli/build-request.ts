import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failErr } from './failure.ts';
import { readOptions } from './options.ts';

/** The key that everybody has: it marks an enclave as anybody's, so it is for debug enclaves alone. */
export const templateKey: string = fileURLToPath(new URL('../../template/Enclave.pem', import.meta.url));

/** What `occlum build` was asked for. */
export interface BuildRequest {
  signKey: string;
  signTool: string | undefined;
  imageKey: string | undefined;
  buildInImageKey: boolean;
  mode: string;
  edmm: boolean;
  force: boolean;
}

const rules = {
  '--sign-key': { value: true, emptyText: 'empty signing key path' },
  '--sign-tool': { value: true, emptyText: 'empty signing tool path' },
  '--sgx-mode': { value: true, emptyText: 'empty sgx mode' },
  '--enable-edmm': { value: true, emptyText: 'empty edmm mode' },
  '--image-key': { value: true, emptyText: 'empty secure image key path' },
  '--buildin-image-key': { value: false },
  '-f': { value: false },
  '--force': { value: false },
};

const yes = ['Y', 'YES', 'Yes', 'yes', 'True', 'true', '1'];

/**
 * Reads the words of `build` and the environment that has a say in it (occlum-contract §1.2): SGX_MODE wins over
 * --sgx-mode and is stored as it is, ENABLE_EDMM counts in HW mode, and SECURE_IMAGE_KEY and BUILDIN_IMAGE_KEY, meant
 * for make, are inherited: left over from somewhere they take effect.
 *
 * @throws {CliFailure} for unknown options, empty values and paths that are not there
 */
export function readBuildRequest(words: string[], environment: NodeJS.ProcessEnv): BuildRequest {
  const { options } = readOptions(words, rules);
  const signKey = options.get('--sign-key') ?? templateKey;
  if (!existsSync(signKey)) throw failErr(`invalid signing key path: ${signKey}`);
  const signTool = options.get('--sign-tool');
  if (signTool !== undefined && !existsSync(signTool)) throw failErr(`invalid signing tool path: ${signTool}`);
  const imageKey = options.get('--image-key') ?? (environment['SECURE_IMAGE_KEY'] || undefined);
  if (imageKey !== undefined && !existsSync(imageKey)) throw failErr(`invalid secure image key path: ${imageKey}`);
  const mode = environment['SGX_MODE'] || (options.get('--sgx-mode') ?? 'HW');
  return {
    signKey: resolve(signKey),
    signTool,
    imageKey: imageKey === undefined ? undefined : resolve(imageKey),
    buildInImageKey: options.has('--buildin-image-key') || environment['BUILDIN_IMAGE_KEY'] === 'true',
    mode,
    edmm: mode === 'HW' && yes.includes(environment['ENABLE_EDMM'] || (options.get('--enable-edmm') ?? '')),
    force: options.has('-f') || options.has('--force'),
  };
}
