import { type JsonValue, jsonValueSchema } from '@neo-service-layer/tee-interface';
import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { readSecret } from '../../users/secret-input.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee secrets set`: keep a secret for the user's functions. It is read from standard input and sealed to the enclave. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, { ...connectionOptions, 'as-json': 'flag' });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0)
    throw usage('secrets set wants exactly one name; the value comes from stdin.');
  const text = await readSecret(name);
  const value = values['as-json'] ? jsonOf(text) : text;
  const secret = await withTee(context, values, (tee) => tee.setSecret({ name, value }));
  context.output.document({ ok: true, secret });
  context.output.line(`${printable(secret.name)}: ${secret.bytes} bytes, version ${secret.version}`);
  return 0;
}

function jsonOf(text: string): JsonValue {
  try {
    return jsonValueSchema.parse(JSON.parse(text));
  } catch {
    // The error would quote the secret.
    throw usage('--as-json: what came is not JSON.');
  }
}
