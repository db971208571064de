import { decodeHandOver } from '@neo-service-layer/occlum-interface';
import { countArgument, parseOptions, readFile, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { awaitFile, publish } from '../../keyring/exchange-files.ts';
import { orRefusal, showKeyring, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring recover`: the enclave asks the holders in a file, waits while each of them seals a share to it
 * (`keyring share`), and recovers the keyring of the backup. Its request is good for as long as it waits.
 */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { args, output, settings, signal } = context;
  const kinds = { backup: 'value', request: 'value', share: 'list', 'wait-seconds': 'value' } as const;
  const { values, positionals } = parseOptions(args, kinds);
  const { backup, request, share: files = [] } = values;
  if (backup === undefined || request === undefined || files.length === 0 || positionals.length > 0) {
    throw usage('keyring recover needs --backup, --request and --share, as often as there are holders to wait for.');
  }
  const seconds = countArgument('wait-seconds', values['wait-seconds']) ?? 3600;
  const { document } = decodeHandOver(readFile(backup));
  return orRefusal(output, () =>
    withKeyring(settings, context, async (keyring) => {
      publish(request, await keyring.requestRecovery());
      output.progress(`asked: take ${request} and ${backup} to the holders (keyring share), and bring the shares back`);
      const shares = await Promise.all(files.map((file) => awaitFile(file, seconds, signal)));
      return showKeyring(output, await keyring.recover(document, shares));
    }),
  );
}
