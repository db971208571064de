import { createHash } from 'node:crypto';
import { encodeHandOver } from '@neo-service-layer/occlum-interface';
import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { publish } from '../../keyring/exchange-files.ts';
import { orRefusal, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring backup`: the keyring, encrypted so that enough of the holders that the image names can recover it
 * together. Each holder keeps the SHA-256: it says later that a backup is this one.
 */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { args, output, settings } = context;
  const { values, positionals } = parseOptions(args, { out: 'value' });
  const { out } = values;
  if (out === undefined || positionals.length > 0) throw usage('keyring backup needs --out.');
  return orRefusal(output, async () => {
    const backup = await withKeyring(settings, context, (keyring) => keyring.backUp());
    publish(out, encodeHandOver(backup));
    const sha256 = createHash('sha256').update(backup.document).digest('hex');
    output.document({ ok: true, file: out, sha256 });
    output.line(`${out}: make it again after each rotation, and give every holder this number:`);
    output.line(`  ${sha256}`);
    return 0;
  });
}
