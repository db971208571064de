import { TeeError } from '@neo-service-layer/tee-interface';
import { parseOptions } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { verdictLines } from '../cli/verdict.ts';
import { withEnclave } from '../enclave/open.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee attest`: start the enclave, verify its evidence, show the verdict. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  parseOptions(args, {});
  const progress = (text: string) => output.progress(text);
  return withEnclave(settings, signal, progress, async (enclave) => {
    const info = await enclave.getInfo();
    const verdict = await enclave.evidence();
    if (verdict === null) throw new TeeError('ERR_INTERNAL', 'An initialized enclave has evidence.');
    output.document({ ...verdict, enclave: info });
    for (const line of verdictLines(verdict)) output.line(line);
    return verdict.ok ? 0 : 2;
  });
}
