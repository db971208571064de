import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isTeeError, type TeeError } from '@neo-service-layer/tee-interface';
import { configComplaints } from '../instance/config-complaints.ts';
import { copyTree } from '../instance/copy-tree.ts';
import { enclaveXml } from '../instance/enclave-xml.ts';
import { encryptTree } from '../instance/encrypted-image.ts';
import { hyphenated, parseImageKey } from '../instance/image-key.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import { makeManifest } from '../instance/manifest.ts';
import { type MeasuredContent, measure } from '../instance/measurement.ts';
import { parseOcclumConfig } from '../instance/occlum-json.ts';
import { removeTree } from '../instance/remove-tree.ts';
import { signEnclave } from '../instance/sign-enclave.ts';
import { encodeSignedLibrary } from '../instance/signed-library.ts';
import { isStale } from '../instance/staleness.ts';
import { meetBuildFault } from './build-faults.ts';
import { type BuildRequest, templateKey } from './build-request.ts';
import { CliFailure } from './failure.ts';
import { makeFailure } from './make-failure.ts';
import { printLines } from './print-lines.ts';

/**
 * The note for the init process on whether the image is encrypted. Made only where there is none: without -f it says
 * what the first build was asked for. Goes into initfs/ with the key, if that was wished, and the init-RA settings.
 */
export function writeImageConfig(layout: InstanceLayout, request: BuildRequest): void {
  mkdirSync(layout.build, { recursive: true });
  const etc = join(layout.initfs, 'etc');
  mkdirSync(etc, { recursive: true });
  if (!existsSync(layout.imageConfig)) {
    const type = request.imageKey === undefined ? 'integrity-only' : 'encrypted';
    writeFileSync(layout.imageConfig, `{"image_type": "${type}"}\n`, { mode: 0o644 });
    copyFileSync(layout.imageConfig, join(etc, 'image_config.json'));
    rmSync(join(etc, 'image_key'), { force: true });
    if (request.imageKey !== undefined && request.buildInImageKey) {
      copyFileSync(request.imageKey, join(etc, 'image_key'));
    }
  }
  if (existsSync(layout.initRaConfig)) copyFileSync(layout.initRaConfig, join(etc, 'init_ra_conf.json'));
}

/** Packs image/, encrypted if there is a key. @throws {CliFailure} rc 2 */
export function buildImage(layout: InstanceLayout, request: BuildRequest): void {
  if (!existsSync(layout.image) && !existsSync(layout.imageMac)) {
    throw new CliFailure(
      `make: *** No rule to make target '${layout.builtImage}/metadata', needed by 'all'.  Stop.`,
      'stderr',
      2,
    );
  }
  if (!isStale(layout.imageMac, [layout.image, layout.imageConfig])) return;
  printLines('Building new image...');
  meetBuildFault('image', layout.builtImage);
  const key = request.imageKey === undefined ? undefined : parseImageKey(readFileSync(request.imageKey, 'utf8'));
  if (key === null) throw makeFailure(`${request.imageKey} is not an image key`, layout.builtImage, 1);
  pack(layout.builtImage, layout.imageMac, () => {
    if (key === undefined) copyTree(layout.image, layout.builtImage);
    else encryptTree(layout.image, layout.builtImage, key);
  });
}

/** Packs initfs/. @throws {CliFailure} rc 2 */
export function buildInitfs(layout: InstanceLayout): void {
  if (!isStale(layout.initfsMac, [layout.initfs])) return;
  printLines('Building the initfs...');
  meetBuildFault('initfs', layout.builtInitfs);
  pack(layout.builtInitfs, layout.initfsMac, () => copyTree(layout.initfs, layout.builtInitfs));
}

/**
 * Turns Occlum.json into the settings of the signer and the measured content. Where gen_internal_conf finds it wrong it
 * leaves empty files and goes on; signing then fails, and so do all builds after it without -f, silently.
 *
 * @throws {CliFailure} rc 2 for a configuration that cannot be read at all
 */
export function buildConfig(layout: InstanceLayout, request: BuildRequest): void {
  if (!isStale(layout.plainConfig, [layout.config, layout.imageMac, layout.initfsMac])) return;
  const text = readFileSync(layout.config, 'utf8');
  printLines(`Build on platform ${request.edmm ? 'WITH' : 'WITHOUT'} EDMM support`);
  const complaints = configComplaints(text);
  if (complaints.length > 0) {
    printLines(...complaints);
    for (const path of [layout.enclaveXml, layout.systemConfig, layout.plainConfig]) writeFileSync(path, '');
    return;
  }
  const config = whatMakeSays(layout.plainConfig, 101, () => parseOcclumConfig(text));
  const content = { config, image: makeManifest(layout.builtImage), initfs: makeManifest(layout.builtInitfs) };
  writeFileSync(layout.enclaveXml, enclaveXml(config));
  writeFileSync(layout.systemConfig, JSON.stringify(content));
  writeFileSync(layout.plainConfig, `${JSON.stringify(config)}\n`);
}

/** Measures and signs. Another key than the last time's is no reason for make to do so. @throws {CliFailure} rc 2 */
export function signEnclaveStep(layout: InstanceLayout, request: BuildRequest): void {
  const { signedLibrary } = layout;
  if (!isStale(signedLibrary, [layout.systemConfig])) return;
  printLines('Building libOS...');
  meetBuildFault('libos', signedLibrary);
  printLines('Signing the enclave...');
  meetBuildFault('sign', signedLibrary);
  if (statSync(layout.enclaveXml).size === 0) {
    throw makeFailure(`The configuration file "${layout.enclaveXml}" is empty.`, signedLibrary, 255);
  }
  const { config, ...trees }: MeasuredContent = JSON.parse(readFileSync(layout.systemConfig, 'utf8'));
  if (!config.metadata.debuggable && request.signKey === templateKey) {
    throw makeFailure(
      'Error: the template key Enclave.pem is public and protects nothing: sign a release enclave with --sign-key.',
      signedLibrary,
      1,
    );
  }
  const key = readKey(request.signKey, signedLibrary);
  const sigstruct = whatMakeSays(signedLibrary, 1, () =>
    signEnclave(measure({ config, ...trees }), config.metadata, key),
  );
  mkdirSync(dirname(signedLibrary), { recursive: true });
  mkdirSync(join(layout.build, 'bin'), { recursive: true });
  writeFileSync(signedLibrary, encodeSignedLibrary(sigstruct));
}

/** Makes a tree anew, and its MAC last: a tree without MAC is not whole. */
function pack(tree: string, mac: string, make: () => void): void {
  rmSync(mac, { force: true });
  removeTree(tree);
  whatMakeSays(tree, 1, make);
  printLines('Generate the SEFS image successfully');
  const digest = createHash('sha256').update(makeManifest(tree).join('\n')).digest();
  writeFileSync(mac, hyphenated(digest.subarray(0, 16)));
}

function whatMakeSays<T>(target: string, toolExitCode: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isTeeError(error) ? makeFailure(describe(error), target, toolExitCode) : error;
  }
}

function readKey(path: string, target: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path));
  } catch {
    throw makeFailure(`Error: ${path} holds no private key in PEM`, target, 1);
  }
}

function describe(error: TeeError): string {
  const facts = [error.expected && `expected ${error.expected}`, error.actual && `found ${error.actual}`];
  return [error.message, ...facts.filter(Boolean)].join('\n');
}
