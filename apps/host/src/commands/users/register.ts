import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { publicKeyArgument } from '../../keyring/key-files.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';
import { userRows } from '../user/show.ts';

/** `neo-tee users register`: an administrator binds a user id to a key. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, connectionOptions);
  const [userId, key, ...more] = positionals;
  if (userId === undefined || key === undefined || more.length > 0)
    throw usage('users register wants an id and a public key.');
  const publicKey = publicKeyArgument('ed25519', key);
  const user = await withTee(context, values, (tee) => tee.registerUser({ userId, publicKey }));
  context.output.document({ ok: true, user });
  for (const line of table(userRows(user))) context.output.line(printable(line));
  return 0;
}
