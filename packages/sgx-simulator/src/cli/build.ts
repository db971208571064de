import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../instance/remove-tree.ts';
import { watchParent } from '../process/watch-parent.ts';
import { buildFailure } from './build-faults.ts';
import { readBuildRequest } from './build-request.ts';
import { buildConfig, buildImage, buildInitfs, signEnclaveStep, writeImageConfig } from './build-steps.ts';
import { builtMode, currentInstance, writeStatus } from './instance-state.ts';
import { printLines } from './print-lines.ts';

/**
 * `occlum build`: packs image/ and initfs/, measures them with the configuration, and signs, as far as make would see
 * a reason to; with -f, or when the mode has changed, everything. Removes run/, and with it what programs had written
 * there, whether anything runs or not.
 */
export async function buildInstance(words: string[]): Promise<number> {
  const layout = currentInstance();
  const request = readBuildRequest(words, process.env);
  const stopWatching = watchParent(() => process.exit(1));
  printLines(
    `Enclave sign-tool: ${request.signTool ?? 'occlum-sim'}`,
    `Enclave sign-key: ${request.signKey}`,
    ...(request.imageKey === undefined ? [] : [`Image encryption key: ${request.imageKey}`]),
    `SGX mode: ${request.mode}`,
  );
  try {
    removeTree(layout.run);
    if (existsSync(layout.build) && (request.force || request.mode !== builtMode(layout))) {
      printLines(`rm -rf ${layout.build}`);
      removeTree(layout.build);
    }
    writeFileSync(layout.sgxMode, `${request.mode}\n`);
    writeImageConfig(layout, request);
    buildImage(layout, request);
    buildInitfs(layout);
    buildConfig(layout, request);
    signEnclaveStep(layout, request);
    mkdirSync(layout.writable, { recursive: true });
    mkdirSync(join(layout.run, 'initfs', '__ROOT'), { recursive: true });
  } catch (error) {
    throw buildFailure(error);
  }
  writeStatus(layout, 'built');
  stopWatching();
  printLines('Built the Occlum image and enclave successfully');
  return 0;
}
