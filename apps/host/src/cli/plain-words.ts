import type { TcbStatus, TeeErrorCode } from '@neo-service-layer/tee-interface';

/** What Intel's TCB statuses mean for somebody who has never heard of them. */
export const statusWords: Record<TcbStatus, string> = {
  UpToDate: 'The machine has every security update that Intel has issued for it.',
  SWHardeningNeeded:
    'The machine is up to date, but some weaknesses of its processor must be dealt with by the program in the enclave itself (see the advisories).',
  ConfigurationNeeded:
    'The machine is up to date, but set up in a way that leaves a known weakness open (BIOS settings).',
  ConfigurationAndSWHardeningNeeded:
    'The machine is up to date, but set up in a way that leaves a known weakness open (often hyper-threading), and other weaknesses must be dealt with by the program in the enclave itself.',
  OutOfDate: 'The machine lacks security updates: its weaknesses are public, and fixes exist.',
  OutOfDateConfigurationNeeded:
    'The machine lacks security updates and is also set up in a way that leaves a known weakness open.',
  TDRelaunchAdvised: 'The machine has been updated under the running TD: start the TD anew to profit from it.',
  TDRelaunchAdvisedConfigurationNeeded:
    'The machine has been updated under the running TD (start it anew), and is set up in a way that leaves a known weakness open.',
  Revoked: 'Intel no longer vouches for this machine at all.',
};

/** What a refusal means, by the beginning of its code; the first that fits counts. */
const refusals: readonly [prefix: string, meaning: string][] = [
  ['ERR_SIMULATION', 'No SGX hardware stands behind this. Fine on a developer’s machine, worthless anywhere else.'],
  ['ERR_DEBUG', 'Whoever owns the machine can read the memory of this enclave.'],
  ['ERR_TCB_STATUS', 'The quote is genuine, but the state of the machine is not good enough for the policy.'],
  ['ERR_TCB_LEVEL', 'Intel’s list has no entry for a machine this old.'],
  ['ERR_TCB_DATE', 'The machine’s updates are older than the policy accepts.'],
  ['ERR_ADVISORY', 'The machine has a published weakness that the policy does not accept.'],
  ['ERR_CRL_MISSING', 'Without the lists of revoked certificates nobody can say that the machine’s was not revoked.'],
  ['ERR_CERT_REVOKED', 'Intel has withdrawn a certificate: somebody may have stolen its key.'],
  ['ERR_CERT_UNTRUSTED_ROOT', 'Not Intel but somebody else vouches for this machine.'],
  ['ERR_QUOTE_SIGNATURE', 'The quote was changed after it was made, or never was genuine.'],
  ['ERR_QUOTE', 'These bytes are not a quote that can be judged.'],
  ['ERR_QE', 'The part of the machine that signs quotes is not the one that Intel describes.'],
  ['ERR_MRENCLAVE', 'Another program runs in the enclave than the one that was asked for.'],
  ['ERR_MRSIGNER', 'The program in the enclave was made by somebody else.'],
  ['ERR_REPORT_DATA', 'The quote is about other data than was asked for: it may belong to somebody else.'],
  ['ERR_TCB_INFO_MISMATCH', 'The collateral is for another kind of machine: fetch that of this one.'],
];

const suffixes: readonly [suffix: string, meaning: string][] = [
  ['_EXPIRED', 'The collateral is too old to say anything about the machine today: fetch it anew.'],
  ['_NOT_YET_VALID', 'The collateral is from the future, or the clock of this machine is wrong.'],
  ['_SIGNATURE', 'Something was changed after it was signed, or never was genuine.'],
  ['_FORMAT', 'Something in the evidence is malformed.'],
];

/** What a refusal with this code means, in plain words; null where the message says it all. */
export function refusalWords(code: TeeErrorCode): string | null {
  const byPrefix = refusals.find(([prefix]) => code.startsWith(prefix));
  const bySuffix = suffixes.find(([suffix]) => code.endsWith(suffix));
  return byPrefix?.[1] ?? bySuffix?.[1] ?? null;
}
