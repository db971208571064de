import type { UserInfo } from '@neo-service-layer/tee-interface';
import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee user show`: sign in, and say what the enclave knows of the user. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, connectionOptions);
  if (positionals.length > 0) throw usage('user show takes options only.');
  const user = await withTee(context, values, (tee) => tee.whoAmI());
  context.output.document({ ok: true, user });
  for (const line of table(userRows(user))) context.output.line(printable(line));
  return 0;
}

/** A user, for people. */
export function userRows({
  userId,
  publicKey,
  registered,
  isAdministrator,
  quota,
  stored,
}: UserInfo): [string, string][] {
  return [
    ['user', userId],
    ['key', publicKey],
    ['registered by', { 'first-use': 'first use', administrator: 'an administrator', token: 'a token' }[registered]],
    ['role', isAdministrator ? 'administrator' : 'user'],
    ['keeps', `${stored.entries} of ${quota.storedEntries} entries, ${stored.bytes} of ${quota.storedBytes} bytes`],
    ...(stored.kept
      ? []
      : ([['note', 'the host keeps nothing: all of it ends with the enclave']] as [string, string][])),
    ['may', `${quota.concurrentCalls} calls at once, ${quota.callsPerMinute} and ${quota.gasPerMinute} gas a minute`],
  ];
}
