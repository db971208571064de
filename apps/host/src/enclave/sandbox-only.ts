import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import type { JavaScriptCall, JavaScriptOutcome } from '@neo-service-layer/tee-interface';

/** As much as the enclave's own configuration allows a call. */
const maximumMemoryBytes = 256 * 1024 * 1024;

/**
 * Runs functions in the sandbox of this process, without an enclave: the same engine, gas and errors, and nothing is
 * confidential. The workers end when the action is done.
 */
export async function withSandbox<Result>(
  signal: AbortSignal,
  action: (execute: (call: JavaScriptCall) => Promise<JavaScriptOutcome>) => Promise<Result>,
): Promise<Result> {
  const sandbox = await OcclumJavaScriptExecution.create({ workers: 1, spareWorkers: 0, maximumMemoryBytes });
  try {
    return await action(
      async ({ input = null, secrets = {}, limits = {}, kind, files, capabilities, http, ...call }) => {
        const { result, gasUsed, executionTimeMs, logs, droppedLogs } = await sandbox.executeJavaScript({
          ...call,
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
