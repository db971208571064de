import { parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { askControl, bodyOf } from '../control/control-client.ts';
import { controlSocketPath } from '../control/control-socket.ts';
import { type PoolStatus, poolStatusSchema } from '../control/pool-status.ts';
import type { CommandContext } from './command.ts';

const megabytes = (bytes: number) => `${Math.round(bytes / 1_000_000)} MB`;

/** `neo-tee status`: the enclaves of the host that serves this instance. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  if (positionals.length > 0) throw usage('status takes no argument.');
  const answer = await askControl(controlSocketPath(settings), 'GET', '/status');
  const status = poolStatusSchema.parse(JSON.parse(await bodyOf(answer)));
  output.document(status);
  for (const line of lines(status)) output.line(printable(line));
  return 0;
}

function lines({ url, instance, pid, memory, members }: PoolStatus): string[] {
  const head = ['', 'role', 'state', 'MRENCLAVE', 'pid', 'up', 'calls', 'under way', 'memory', 'starts', 'losses'];
  const rows = members.map((member) => [
    String(member.number),
    member.role,
    member.state,
    `${member.mrEnclave.slice(0, 16)}…`,
    member.pid === null ? '–' : String(member.pid),
    member.uptime === null ? '–' : `${Math.round(member.uptime)} s`,
    String(member.calls),
    String(member.underWay),
    megabytes(member.memory),
    String(member.starts),
    String(member.losses),
  ]);
  const losses = members.flatMap(({ number, lastLoss }) =>
    lastLoss === null ? [] : [`  ${number} was lost at ${lastLoss.at}: ${lastLoss.how}`],
  );
  return [`${instance} at ${url}, host ${pid} (${megabytes(memory)})`, ...table([head, ...rows]), ...losses];
}
