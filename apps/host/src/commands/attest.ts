import { userReportClaims } from '@neo-service-layer/tee-channel';
import { encodeEvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { bytesArgument, parseOptions, usage, writeFile } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { verdictLines } from '../cli/verdict.ts';
import { withEnclave } from '../enclave/open.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee attest`: start the enclave, verify its evidence, show the verdict. With `--out` a quote over bytes of one's
 * own choice goes into one document, with claims and collateral, that anyone can check offline.
 */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { checks: 'flag', out: 'value', data: 'value' });
  if (positionals.length > 0) throw usage('attest takes options only.');
  if (values.data !== undefined && values.out === undefined) throw usage('--data is for the document of --out.');
  const reportData = bytesArgument('data', values.data);
  const progress = (text: string) => output.progress(text);
  return withEnclave(settings, signal, progress, async (enclave) => {
    const info = await enclave.getInfo();
    const verdict = await enclave.evidence();
    if (verdict === null) throw new TeeError('ERR_INTERNAL', 'An initialized enclave has evidence.');
    if (values.out !== undefined) {
      const { quote, collateral } = await enclave.getAttestationReport({ reportData });
      if (collateral === undefined) throw new TeeError('ERR_INTERNAL', 'A report of this host has collateral.');
      writeFile(values.out, encodeEvidenceBundle({ quote, claims: userReportClaims(reportData), collateral }));
    }
    output.document({ ...verdict, enclave: info });
    for (const line of verdictLines(verdict, { checks: values.checks === true })) output.line(line);
    if (values.out !== undefined) output.line(`The evidence is in ${values.out}: neo-tee evidence check ${values.out}`);
    return verdict.ok ? 0 : 2;
  });
}
