import { createHash } from 'node:crypto';
import { decodeHandOver } from '@neo-service-layer/occlum-interface';
import { sealRecoveryShare } from '@neo-service-layer/sealing';
import { parseOptions, readFile, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { readPolicy } from '../../cli/policy-file.ts';
import { table } from '../../cli/table.ts';
import { trustAnchors } from '../../enclave/collateral.ts';
import { describeDocument } from '../../keyring/describe-document.ts';
import { publish } from '../../keyring/exchange-files.ts';
import { privateKeyFile, rawPrivateKey } from '../../keyring/key-files.ts';
import { orRefusal } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring share`: one holder's step, offline: verifies the enclave that asks by a policy of the holder's own,
 * opens the share of the backup that is for this key, and seals it to that enclave. The holder says by `--sha256` which
 * backup: whoever could have another one recovered would know the keys in it.
 */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    backup: 'value',
    sha256: 'value',
    request: 'value',
    policy: 'value',
    key: 'value',
    out: 'value',
    root: 'value',
  });
  const { backup, sha256, request, policy, key, out } = values;
  const given = [backup, sha256, request, policy, key, out];
  if (positionals.length > 0 || given.includes(undefined)) {
    throw usage('keyring share needs --backup, --sha256, --request, --policy, --key and --out.');
  }
  const { document } = decodeHandOver(readFile(backup ?? ''));
  const found = createHash('sha256').update(document).digest('hex');
  if (found !== sha256) throw usage(`${backup} is another backup: its SHA-256 is ${found}.`);
  const demanded = readPolicy(policy ?? '');
  if (demanded.anyEnclave) throw usage('The policy must name the enclave: it is given what opens the keyring.');
  const anchors = values.root === undefined ? await trustAnchors(settings) : [readFile(values.root)];
  output.line('You give your share of this backup to the enclave that asks:');
  for (const line of table(describeDocument(document).lines)) output.line(printable(line));
  return orRefusal(output, async () => {
    const share = await sealRecoveryShare(document, rawPrivateKey(privateKeyFile('x25519', key ?? '')), {
      evidence: readFile(request ?? ''),
      policy: demanded,
      now: Date.now() / 1000,
      ...(anchors === undefined ? {} : { trustAnchors: anchors }),
    });
    publish(out ?? '', share);
    output.document({ ok: true, file: out });
    output.line(`Sealed to that enclave: ${out}. Nobody else can open it, and it is for this request only.`);
    return 0;
  });
}
