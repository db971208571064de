import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { writeKeyPair } from '../../keyring/key-files.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee user new-key`: the key that a user signs in with. Whatever the user keeps in an enclave belongs to it. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('user new-key wants exactly one file.');
  const publicKey = writeKeyPair('ed25519', file);
  output.document({ ok: true, publicKey, privateKeyFile: file, publicKeyFile: `${file}.pub` });
  output.line(`private key (--user-key; nobody can replace it): ${file}`);
  output.line(`public key (for those who let the user in):      ${publicKey}`);
  return 0;
}
