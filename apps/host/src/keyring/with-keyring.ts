import { KeyringOfEnclave, type OcclumInterface } from '@neo-service-layer/occlum-interface';
import { isTeeError, type KeyringInfo, TeeError } from '@neo-service-layer/tee-interface';
import { type ExitCode, errorDocument, errorLines, type Output, printable } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import type { CommandContext } from '../commands/command.ts';
import { collateralSource } from '../enclave/collateral.ts';
import { withEnclave } from '../enclave/open.ts';
import type { HostSettings } from '../enclave/settings.ts';
import { keyringLines } from './status-lines.ts';

/** Launches the enclave of an instance as it was built, verifies it, and asks it about its keyring. */
export function withKeyring<Result>(
  settings: HostSettings,
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
  action: (keyring: KeyringOfEnclave, enclave: OcclumInterface) => Promise<Result>,
): Promise<Result> {
  const progress = (text: string) => output.progress(`${settings.instance}: ${text}`);
  const run = async (enclave: OcclumInterface) => {
    const launched = await enclave.enclave();
    if (launched === null) throw new TeeError('ERR_ENCLAVE_LOST', 'The enclave ended before it was asked.');
    return action(new KeyringOfEnclave(launched.link, collateralSource(settings)), enclave);
  };
  return withEnclave(settings, signal, progress, run, { choice: 'as-built' });
}

/** Shows a keyring. */
export function showKeyring(output: Output, keyring: KeyringInfo, more: object = {}): ExitCode {
  const ok = keyring.id !== null;
  output.document({ ok, keyring, ...more });
  for (const line of table(keyringLines(keyring))) output.line(printable(line));
  return ok ? 0 : 2;
}

/** Runs what an enclave may refuse: a refusal is a verdict of no, with exit code 2; every other failure stays an error. */
export async function orRefusal(output: Output, action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action();
  } catch (error) {
    if (!isTeeError(error) || error.code !== 'ERR_SEAL_GRANT_REFUSED') throw error;
    output.document({ ok: false, error: errorDocument(error) });
    output.line('NO: refused.');
    for (const line of errorLines(error)) output.line(line);
    return 2;
  }
}
