import { encodeHandOver } from '@neo-service-layer/occlum-interface';
import { parseOptions, readFile, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { settingsOf } from '../../enclave/settings.ts';
import { publish } from '../../keyring/exchange-files.ts';
import { orRefusal, showKeyring, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring grant`: the old enclave (this instance, as it was built) hands its keyring over. With `--to` both
 * enclaves are on this machine and all is done at once; with `--request` and `--out` the other one is elsewhere and
 * waits in `keyring receive`. Whether it may is for the two enclaves to say.
 */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { args, output, settings } = context;
  const { values, positionals } = parseOptions(args, {
    approval: 'value',
    to: 'value',
    request: 'value',
    out: 'value',
  });
  const { approval: file, to, request, out } = values;
  const isHere = to !== undefined && request === undefined && out === undefined;
  const isElsewhere = to === undefined && request !== undefined && out !== undefined;
  if (file === undefined || positionals.length > 0 || !(isHere || isElsewhere)) {
    throw usage('keyring grant needs --approval, and either --to or --request and --out.');
  }
  const approval = readFile(file);
  return orRefusal(output, async () => {
    if (isElsewhere) {
      const grant = await withKeyring(settings, context, (old) => old.grant(approval, readFile(request)));
      publish(out, encodeHandOver(grant));
      output.document({ ok: true, file: out });
      output.line(`Granted: ${out} is for the enclave that made ${request}, and for no other.`);
      return 0;
    }
    const target = settingsOf(settings, to ?? '');
    if (target.instance === settings.instance) throw usage('--to names another instance than TEE_INSTANCE.');
    const keyring = await withKeyring(settings, context, (old) =>
      withKeyring(target, context, async (next) => next.accept(await old.grant(approval, await next.request()))),
    );
    output.line(`Handed over from ${settings.instance} to ${target.instance}.`);
    return showKeyring(output, keyring, { from: settings.instance, to: target.instance });
  });
}
