import { cpus } from 'node:os';
import type { ITeeInterface } from '@neo-service-layer/tee-interface';
import { countArgument, jsonArgument, parseOptions, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { publicKeyArgument } from '../keyring/key-files.ts';
import { type Measured, measureCalls, percentile } from '../load/measure-calls.ts';
import { connectionOptions, withTee } from '../users/tee-connection.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee bench`: how many calls an enclave answers, and how soon, from here. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output, signal } = context;
  const { values, positionals } = parseOptions(context.args, {
    ...connectionOptions,
    input: 'value',
    owner: 'value',
    'at-once': 'value',
    seconds: 'value',
  });
  const [functionId, ...more] = positionals;
  if (more.length > 0) throw usage('bench wants at most one function.');
  if (functionId === undefined && (values.owner ?? values.input) !== undefined)
    throw usage('--owner and --input are for a function that was deployed.');
  const atOnce = countArgument('at-once', values['at-once']) ?? 16;
  const seconds = countArgument('seconds', values.seconds) ?? 10;
  const input = jsonArgument('input', values.input, null);
  const owner = values.owner === undefined ? undefined : publicKeyArgument('ed25519', values.owner);
  const measured = await withTee(context, values, async (tee: ITeeInterface) => {
    const call =
      functionId === undefined
        ? () => tee.executeJavaScript({ code: 'function main() { return 1; }', functionId: 'bench' })
        : () => tee.invokeFunction({ functionId, owner, input });
    // The first call pays for what later ones find warm.
    await call();
    const onProgress = (ended: number) => output.progress(`${ended} calls`);
    return measureCalls({ call, atOnce, seconds, signal, onProgress });
  });
  const rows = rowsOf(measured);
  output.document({
    ok: true,
    ...{
      bench: 'calls',
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} CPUs`,
      atOnce,
      failed: measured.failed,
    },
    rows: rows.map((row) => ({ ...row, versus: null, ratio: null, target: null, met: null })),
  });
  for (const line of table(rows.map(({ name, value, unit }) => [name, value === null ? '-' : value.toFixed(1), unit])))
    output.line(line);
  for (const [code, count] of Object.entries(measured.failed)) output.line(`  ${code}: ${count} calls`);
  return measured.succeeded === 0 ? 2 : 0;
}

function rowsOf({ seconds, succeeded, times, cpuMicroseconds }: Measured) {
  return [
    { name: 'calls', value: succeeded / seconds, unit: 'calls/s' },
    ...[50, 90, 99, 100].map((percent) => ({
      name: percent === 100 ? 'slowest' : `p${percent}`,
      value: percentile(times, percent),
      unit: 'ms',
    })),
    { name: 'CPU here for each call', value: cpuMicroseconds, unit: 'µs' },
  ];
}
