import { basename, resolve } from 'node:path';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { canonicalJson } from '@neo-service-layer/receipt';
import { type FunctionDeployment, type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import type { FunctionContract } from '../contract.ts';
import { type BuiltSource, buildSource } from './build-source.ts';
import { parseContract } from './parse-contract.ts';
import { sha256Hex } from './sha256-hex.ts';

/** A function that is ready to be deployed or run. */
export interface BundledFunction extends BuiltSource {
  /** What goes to the enclave; its name is still to be given. */
  deployment: Omit<FunctionDeployment, 'functionId'> & { contract: string };
  contract: FunctionContract;
  /** SHA-256 of the contract's canonical JSON (RFC 8785), hex. */
  contractHash: string;
}

/**
 * Bundles a file whose default export is a function's definition, and reads its contract. The same sources give the same
 * bytes and the same contract in whatever folder. Its code is run to read the contract: in the sandbox, which gives it
 * nothing, never in this process.
 *
 * @throws {TeeError} ERR_JS_SYNTAX for what cannot be bundled, ERR_JS_* for a file that fails when it is loaded,
 * ERR_INVALID_ARGUMENT for one whose default export is no definition
 */
export async function bundleFunction(path: string): Promise<BundledFunction> {
  const file = resolve(path);
  const own = JSON.stringify(`./${basename(file)}`);
  const [built, described] = await Promise.all([
    buildSource(
      file,
      `import definition from ${own};\nimport { guard } from '@neo-service-layer/functions';\nexport const main = guard(definition);\n`,
    ),
    buildSource(
      file,
      `import definition from ${own};\nimport { contractOf } from '@neo-service-layer/functions';\nimport { toJSONSchema } from 'zod/v4/core';\n` +
        'export const main = () => typeof definition?.main === "function" ? contractOf(definition, toJSONSchema) : null;\n',
    ),
  ]);
  const contract = parseContract(file, await runInSandbox(described));
  const contractHash = sha256Hex(canonicalJson({ ...contract }));
  return { ...built, contract, contractHash, deployment: deploymentOf(built, contract, contractHash) };
}

function deploymentOf(
  { code }: BuiltSource,
  { capabilities, http, secrets, storage }: FunctionContract,
  contract: string,
): BundledFunction['deployment'] {
  return {
    ...{ code, kind: 'module', contract },
    ...(capabilities.length === 0 ? {} : { capabilities }),
    ...(http.length === 0 ? {} : { http: { allow: http } }),
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(storage ? { storage } : {}),
  };
}

async function runInSandbox({ code }: BuiltSource): Promise<JsonValue> {
  const sandbox = await OcclumJavaScriptExecution.create({ workers: 1, spareWorkers: 0 });
  try {
    const call = {
      code,
      kind: 'module' as const,
      input: null,
      secrets: {},
      functionId: 'contract',
      userId: 'developer',
    };
    return (await sandbox.executeJavaScript(call)).result;
  } catch (cause) {
    if (!(cause instanceof TeeError)) throw cause;
    const { code: errorCode, message, details } = cause;
    throw new TeeError(errorCode, `The function cannot be loaded: ${message}`, {
      hint: 'Outside of main a file may only define things: nothing is granted there.',
      details: details ?? {},
      cause,
    });
  } finally {
    await sandbox.close();
  }
}
