import { type EngineName, engineNames, OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import type { JavaScriptCall, JavaScriptOutcome } from '@neo-service-layer/tee-interface';
import { usage } from '../cli/arguments.ts';

/** As much as the enclave's own configuration allows a call. */
const maximumMemoryBytes = 256 * 1024 * 1024;

/** The engine that `--engine` names. @throws {TeeError} ERR_INVALID_ARGUMENT for another */
export function engineOption(name = 'quickjs-wasm'): EngineName {
  const engine = engineNames.find((candidate) => candidate === name);
  if (engine === undefined) throw usage(`--engine wants ${engineNames.join(' or ')}, not "${name}".`);
  return engine;
}

/**
 * Runs functions in the sandbox of this process, without an enclave: with `quickjs-wasm` the same engine, gas and errors,
 * and nothing is confidential. The workers end when the action is done.
 */
export async function withSandbox<Result>(
  signal: AbortSignal,
  engine: EngineName,
  action: (execute: (call: JavaScriptCall) => Promise<JavaScriptOutcome>) => Promise<Result>,
): Promise<Result> {
  const sandbox = await OcclumJavaScriptExecution.create({ engine, workers: 1, spareWorkers: 0, maximumMemoryBytes });
  try {
    return await action(
      async ({
        input = null,
        secrets = {},
        limits = {},
        userId = 'anonymous',
        kind,
        files,
        capabilities,
        http,
        contract: _contract,
        receipt: _receipt,
        ...call
      }) => {
        const { result, gasUsed, executionTimeMs, logs, droppedLogs } = await sandbox.executeJavaScript({
          ...call,
          userId,
          input,
          secrets,
          signal,
          limits: Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)),
          ...(kind === undefined ? {} : { kind }),
          ...(files === undefined ? {} : { files }),
          ...(capabilities === undefined ? {} : { capabilities }),
          ...(http === undefined ? {} : { http }),
        });
        return { result, gasUsed, executionTimeMs, logs, droppedLogs };
      },
    );
  } finally {
    await sandbox.close();
  }
}
