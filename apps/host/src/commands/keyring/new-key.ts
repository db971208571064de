import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { writeKeyPair } from '../../keyring/key-files.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee keyring new-key`: a key pair for an approver, or with `--holder` for a holder of recovery keys. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { holder: 'flag' });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('keyring new-key wants exactly one file.');
  const kind = values.holder ? 'x25519' : 'ed25519';
  const publicKey = writeKeyPair(kind, file);
  output.document({ ok: true, kind, publicKey, privateKeyFile: file, publicKeyFile: `${file}.pub` });
  output.line(`private key (keep it, offline): ${file}`);
  output.line(`public key (for image build):   ${file}.pub`);
  output.line(`                                ${publicKey}`);
  return 0;
}
