import { TeeError } from '@neo-service-layer/tee-interface';
import { runCommand } from '../process/run-command.ts';
import type { OcclumTool } from './tool.ts';

/** Identity of a built enclave as occlum prints it; lower-case hex, 64 characters each. */
export interface Measurements {
  readonly mrEnclave: string;
  readonly mrSigner: string;
}

/**
 * Reads the measurements of a built instance, one after the other: two prints at once race for the same scratch file
 * of the genuine tool (occlum-contract §1.3). They are the host's word; a client compares a quote with its own.
 *
 * @throws TeeError ERR_OCCLUM_COMMAND
 */
export async function readMeasurements(dir: string, tool: OcclumTool, signal?: AbortSignal): Promise<Measurements> {
  const print = async (name: 'mrenclave' | 'mrsigner'): Promise<string> => {
    const { executable, env } = tool;
    const { stdoutTail } = await runCommand({ executable, args: ['print', name], cwd: dir, env }, { signal });
    const value = /(?:^|\n)([0-9a-f]{64})\s*$/.exec(stdoutTail)?.[1];
    if (value !== undefined) return value;
    throw new TeeError('ERR_OCCLUM_COMMAND', `occlum print ${name} printed no measurement`, {
      expected: '64 hex characters',
      actual: stdoutTail.slice(-200),
    });
  };
  return { mrEnclave: await print('mrenclave'), mrSigner: await print('mrsigner') };
}
