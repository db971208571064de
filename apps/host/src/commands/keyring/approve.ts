import { existsSync } from 'node:fs';
import {
  encodeSignedApproval,
  type GrantApproval,
  parseSignedApproval,
  type SignedApproval,
  signApproval,
} from '@neo-service-layer/sealing';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { countArgument, type ParsedOptions, parseOptions, readFile, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { approvalLines } from '../../keyring/describe-document.ts';
import { publish } from '../../keyring/exchange-files.ts';
import { privateKeyFile, publicKeyArgument } from '../../keyring/key-files.ts';
import type { CommandContext } from '../command.ts';

const kinds = {
  file: 'value',
  key: 'value',
  keyring: 'value',
  from: 'value',
  to: 'value',
  'min-isv-svn': 'value',
  days: 'value',
  'not-after': 'value',
} as const;

/**
 * `neo-tee keyring approve`: one approver signs, offline, that a keyring may go from one measurement to another. The
 * first one says what; the others add their signatures to what the file says, and what they give must be the same.
 */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, kinds);
  const { file, key: keyFile } = values;
  if (file === undefined || keyFile === undefined || positionals.length > 0) {
    throw usage('keyring approve needs --file and --key.');
  }
  const begun = existsSync(file) ? parseSignedApproval(readFile(file)) : null;
  const approval = begun === null ? newApproval(values) : sameApproval(begun, values);
  const signerKey = publicKeyArgument('ed25519', keyFile);
  if (approval.signatures.some(({ publicKey }) => bytesToHex(publicKey) === signerKey)) {
    throw usage(`${file} has the signature of this key already.`);
  }
  output.line(`You sign, with key ${signerKey}, that this keyring may be handed over:`);
  for (const line of table(approvalLines(approval))) output.line(printable(line));
  const signed = signApproval(approval, privateKeyFile('ed25519', keyFile));
  publish(file, encodeSignedApproval(signed));
  const { keyringId, ...rest } = signed.approval;
  output.document({
    ok: true,
    file,
    approval: { keyringId: bytesToHex(keyringId), ...rest },
    signatures: signersOf(signed),
  });
  output.line(`Signed: ${file} has ${signed.signatures.length} signature(s) now.`);
  return 0;
}

type Values = ParsedOptions<typeof kinds>['values'];

function newApproval(values: Values): SignedApproval {
  const { keyring, from, to } = values;
  if (keyring === undefined || from === undefined || to === undefined) {
    throw usage('A new approval needs --keyring, --from, --to, and --days or --not-after.');
  }
  const approval: GrantApproval = {
    keyringId: new Uint8Array(Buffer.from(hex('keyring', keyring, 16), 'hex')),
    fromMrEnclave: hex('from', from, 32),
    toMrEnclave: hex('to', to, 32),
    minIsvSvn: svn(values['min-isv-svn']) ?? 0,
    notAfter: expiry(values),
  };
  return { approval, signatures: [] };
}

/** What is given again must be what the file says: nobody signs something else than they typed. */
function sameApproval(begun: SignedApproval, values: Values): SignedApproval {
  const { approval } = begun;
  const differs = (name: keyof Values, given: string | number | undefined, found: string | number) => {
    if (given !== undefined && given !== found) throw usage(`The file says another --${name}: ${found}.`);
  };
  differs('keyring', values.keyring, bytesToHex(approval.keyringId));
  differs('from', values.from, approval.fromMrEnclave);
  differs('to', values.to, approval.toMrEnclave);
  differs('min-isv-svn', svn(values['min-isv-svn']), approval.minIsvSvn);
  if (values.days !== undefined) throw usage('The file says until when; --not-after checks it.');
  if (values['not-after'] !== undefined) differs('not-after', expiry(values), approval.notAfter);
  return begun;
}

function expiry(values: Values): number {
  const days = countArgument('days', values.days);
  const notAfter = countArgument('not-after', values['not-after']);
  if ((days === undefined) === (notAfter === undefined)) throw usage('Give --days or --not-after.');
  return notAfter ?? Math.floor(Date.now() / 1000) + (days ?? 0) * 86_400;
}

function svn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 0xffff) return value;
  throw usage('--min-isv-svn wants a security version from 0 to 65535.');
}

function hex(name: string, text: string, bytes: number): string {
  if (new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(text)) return text;
  throw usage(`--${name} wants ${bytes * 2} lower-case hex digits.`);
}

function signersOf({ signatures }: SignedApproval): string[] {
  return signatures.map(({ publicKey }) => bytesToHex(publicKey));
}
