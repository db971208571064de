import { extname } from 'node:path';
import { type BundledFunction, bundleFunction } from '@neo-service-layer/functions/bundle';
import { type FunctionDeployment, type JavaScriptCall, TeeError } from '@neo-service-layer/tee-interface';
import { readTextFile } from '../cli/arguments.ts';
import { grantsOf } from './grants.ts';

/** A function as it goes to an enclave, without its name. */
type FunctionParts = Omit<FunctionDeployment, 'functionId'>;

/** A function out of a file. */
export interface ReadFunction {
  parts: FunctionParts;
  /** What it was bundled of, when the file holds a definition; null for plain source, which goes as it is. */
  bundle: BundledFunction | null;
}

/**
 * Reads a function: plain source with a `main`, or a definition by `defineFunction`, which is bundled with what it imports.
 * @param allow words of `--allow`; a definition says for itself what it may do
 * @throws {TeeError} ERR_INVALID_ARGUMENT, ERR_JS_*
 */
export async function readFunction(file: string, allow: readonly string[] = []): Promise<ReadFunction> {
  const code = readTextFile(file);
  if (!/['"]@neo-service-layer\/functions['"]/.test(code))
    return { parts: { code, ...kindOf(file), ...grantsOf(allow) }, bundle: null };
  if (allow.length > 0) {
    throw new TeeError('ERR_INVALID_ARGUMENT', '--allow is for plain source.', {
      hint: `Name capabilities and hosts in the definition in ${file}: they are part of its contract.`,
    });
  }
  const bundle = await bundleFunction(file);
  return { parts: bundle.deployment, bundle };
}

function kindOf(file: string): Pick<JavaScriptCall, 'kind'> {
  const extension = extname(file);
  if (extension === '.ts' || extension === '.mts') return { kind: 'ts' };
  return extension === '.mjs' ? { kind: 'module' } : {};
}
