import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { copyTree } from '../instance/copy-tree.ts';
import { enclaveXml } from '../instance/enclave-xml.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import { makeManifest } from '../instance/manifest.ts';
import { measure } from '../instance/measurement.ts';
import { type OcclumConfig, parseOcclumConfig } from '../instance/occlum-json.ts';
import { removeTree } from '../instance/remove-tree.ts';
import { signEnclave } from '../instance/sign-enclave.ts';
import { encodeSignedLibrary } from '../instance/signed-library.ts';
import { watchParent } from '../process/watch-parent.ts';
import { CliFailure, failErr } from './failure.ts';
import { currentInstance, writeStatus } from './instance-state.ts';
import { readOptions } from './options.ts';

/** The key that everybody has: it marks an enclave as anybody's, so it is for debug enclaves alone. */
const templateKey = fileURLToPath(new URL('../../template/Enclave.pem', import.meta.url));

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

/**
 * `occlum build`: copies image/ and initfs/, measures them with the configuration, and signs. Always builds everything,
 * as the genuine tool does with -f; like it, removes run/ and with it what programs had written there.
 */
export async function buildInstance(words: string[]): Promise<number> {
  const layout = currentInstance();
  const { options } = readOptions(words, rules);
  const keyPath = resolve(options.get('--sign-key') ?? templateKey);
  if (!existsSync(keyPath)) throw failErr(`invalid signing key path: ${options.get('--sign-key') ?? keyPath}`);
  const tool = options.get('--sign-tool');
  if (tool !== undefined && !existsSync(tool)) throw failErr(`invalid signing tool path: ${tool}`);
  const imageKey = options.get('--image-key');
  if (imageKey !== undefined && !existsSync(imageKey)) throw failErr(`invalid secure image key path: ${imageKey}`);
  if (imageKey !== undefined) throw failErr('occlum-sim does not encrypt images; build without --image-key');
  const mode = process.env['SGX_MODE'] || (options.get('--sgx-mode') ?? 'HW');
  const stopWatching = watchParent(() => process.exit(1));
  print(`Enclave sign-tool: ${tool ?? 'occlum-sim'}`, `Enclave sign-key: ${keyPath}`, `SGX mode: ${mode}`);
  removeTree(layout.run);
  removeTree(layout.build);
  writeFileSync(layout.sgxMode, `${mode}\n`);
  try {
    assemble(layout, keyPath);
  } catch (error) {
    // What make says when one of its steps fails.
    if (isTeeError(error)) throw new CliFailure(describe(error), 'stderr', 2);
    throw error;
  }
  mkdirSync(layout.writable, { recursive: true });
  mkdirSync(join(layout.run, 'initfs', '__ROOT'), { recursive: true });
  writeStatus(layout, 'built');
  stopWatching();
  print('Built the Occlum image and enclave successfully');
  return 0;
}

function assemble(layout: InstanceLayout, keyPath: string): void {
  const config = parseOcclumConfig(readFileSync(layout.config, 'utf8'));
  const key = readKey(keyPath);
  if (!config.metadata.debuggable && keyPath === templateKey) {
    throw new CliFailure(
      'Error: the template key Enclave.pem is public and protects nothing: sign a release enclave with --sign-key.',
      'stderr',
      2,
    );
  }
  print('Building new image...');
  copyTree(layout.image, layout.builtImage);
  print('Building the initfs...');
  copyTree(layout.initfs, layout.builtInitfs);
  const imageConfig = '{"image_type": "integrity-only"}\n';
  for (const path of [join(layout.build, 'image_config.json'), join(layout.builtInitfs, 'etc', 'image_config.json')]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, imageConfig, { mode: 0o644 });
  }
  print('Building libOS...');
  const content = { config, image: makeManifest(layout.builtImage), initfs: makeManifest(layout.builtInitfs) };
  writeFileSync(join(layout.build, 'Enclave.xml'), enclaveXml(config));
  writeFileSync(join(layout.build, '.Occlum_sys.json'), `${JSON.stringify(config)}\n`);
  writeFileSync(layout.systemConfig, JSON.stringify(content));
  print('Signing the enclave...');
  signInto(layout, measure(content), config, key);
}

function signInto(layout: InstanceLayout, measurement: Uint8Array, config: OcclumConfig, key: KeyObject): void {
  const sigstruct = signEnclave(measurement, config.metadata, key);
  mkdirSync(dirname(layout.signedLibrary), { recursive: true });
  mkdirSync(join(layout.build, 'bin'), { recursive: true });
  writeFileSync(layout.signedLibrary, encodeSignedLibrary(sigstruct));
}

function readKey(path: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path));
  } catch {
    throw new CliFailure(`Error: ${path} holds no private key in PEM`, 'stderr', 2);
  }
}

function describe(error: Error & { expected?: string | undefined; actual?: string | undefined }): string {
  const facts = [error.expected && `expected ${error.expected}`, error.actual && `found ${error.actual}`].filter(
    Boolean,
  );
  return [error.message, ...facts].join('\n');
}

function print(...lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
