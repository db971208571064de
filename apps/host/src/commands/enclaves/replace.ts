import { parseOptions, readFile, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { askControl, bodyOf } from '../../control/control-client.ts';
import { controlSocketPath } from '../../control/control-socket.ts';
import { orRefusal } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee enclaves replace`: enclaves of another instance, built beside, take the place of those of a running host. A
 * keyring that may not go there is a no, with exit code 2; the old ones go on then.
 */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { approval: 'value' });
  const [instance, ...more] = positionals;
  if (instance === undefined || more.length > 0) throw usage('enclaves replace takes the name of an instance.');
  const approval = values.approval === undefined ? null : Buffer.from(readFile(values.approval)).toString('base64');
  return orRefusal(output, async () => {
    await bodyOf(await askControl(controlSocketPath(settings), 'POST', '/replace', { instance, approval }));
    output.document({ ok: true, instance });
    output.line(`The enclaves of ${instance} serve now, with the keyring and the store of those before.`);
    output.line(`Start the host with TEE_INSTANCE=${instance} from now on.`);
    return 0;
  });
}
