import { decodeHandOver } from '@neo-service-layer/occlum-interface';
import { countArgument, parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { awaitFile, publish } from '../../keyring/exchange-files.ts';
import { orRefusal, showKeyring, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring receive`: the new enclave asks for a keyring in a file, waits while that goes to the machine of the
 * old one and a grant comes back, and takes it. Its request is good for as long as it waits.
 */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { args, output, settings, signal } = context;
  const { values, positionals } = parseOptions(args, { request: 'value', in: 'value', 'wait-seconds': 'value' });
  const { request, in: file } = values;
  if (request === undefined || file === undefined || positionals.length > 0) {
    throw usage('keyring receive needs --request and --in.');
  }
  const seconds = countArgument('wait-seconds', values['wait-seconds']) ?? 3600;
  return orRefusal(output, () =>
    withKeyring(settings, context, async (keyring) => {
      publish(request, await keyring.request());
      output.progress(`asked: take ${request} to the old enclave (keyring grant), and bring ${file} back`);
      const grant = decodeHandOver(await awaitFile(file, seconds, signal));
      return showKeyring(output, await keyring.accept(grant));
    }),
  );
}
