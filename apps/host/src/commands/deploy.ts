import { basename, extname } from 'node:path';
import { parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { functionOptions, limitsOf } from '../functions/function-call.ts';
import { keepSource } from '../functions/kept-source.ts';
import { readFunction } from '../functions/read-function.ts';
import { publicKeyArgument } from '../keyring/key-files.ts';
import { functionLines } from '../users/function-lines.ts';
import { connectionOptions, withTee } from '../users/tee-connection.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee deploy`: keep a function in the enclave, for its owner and whom the owner lets in. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { input: _input, secrets: _secrets, ...sourceOptions } = functionOptions;
  const { values, positionals } = parseOptions(context.args, {
    ...sourceOptions,
    ...connectionOptions,
    secret: 'list',
    storage: 'flag',
    'storage-pinned': 'flag',
    invoker: 'list',
    everyone: 'flag',
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('deploy wants exactly one file.');
  if (values.everyone && values.invoker !== undefined) throw usage('--everyone and --invoker exclude each other.');
  const { parts, bundle } = await readFunction(file, values.allow);
  const functionId = values['function-id'] ?? basename(file, extname(file));
  const invokers = values.everyone
    ? ('everyone' as const)
    : (values.invoker ?? []).map((key) => publicKeyArgument('ed25519', key));
  const deployed = await withTee(context, values, (tee) =>
    tee.deployFunction({
      ...parts,
      ...{ functionId, invokers, limits: limitsOf(values) },
      secrets: [...new Set([...(parts.secrets ?? []), ...(values.secret ?? [])])],
      storage: parts.storage || (values['storage-pinned'] === true ? 'pinned' : values.storage === true),
    }),
  );
  if (bundle !== null) keepSource(context.settings.home, functionId, bundle);
  context.output.document({ ok: true, function: deployed });
  for (const line of functionLines(deployed)) context.output.line(printable(line));
  return 0;
}
