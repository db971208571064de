import type { Diagnosis } from './diagnosis.ts';

type Entry = readonly [meaning: string, hint: string, restartable?: 'restartable'];

/** Error numbers of the SGX runtime, occlum-contract §1.6 and §7. */
const codes: Readonly<Record<string, Entry>> = {
  '0x1': ['unexpected error of the SGX runtime', 'Look at the kernel log and whether AESM runs.'],
  '0x2': ['invalid parameter', 'Build the instance again.'],
  '0x3': ['out of memory', 'Lower resource_limits or give the machine more memory.'],
  '0x4': ['the enclave was lost, as after a suspend', 'Start it again.', 'restartable'],
  '0x1003': ['out of thread control structures', 'Raise resource_limits.max_num_of_threads (double it).'],
  '0x1009': ['out of stack in the LibOS', 'Raise resource_limits.kernel_space_stack_size (up to 8MB).'],
  '0x2000': ['invalid enclave', 'Build the instance again.'],
  '0x2003': ['invalid signature, or EDMM asked of SGX1', 'Sign with a proper key; switch feature.enable_edmm off.'],
  '0x2004': ['out of enclave page cache', 'Lower resource_limits.user_space_size or stop other enclaves.'],
  '0x2006': ['no SGX device', 'Run on SGX hardware with /dev/sgx_enclave, or set OCCLUM_SIMULATION=1.'],
  '0x2009': ['invalid metadata', 'Lower resource_limits.kernel_space_stack_size to at most 8MB.'],
  '0x200e': ['hardware and simulation are mixed', 'Build the instance again in the mode it runs in.'],
  '0x200f': ['the enclave file cannot be opened', 'Build the instance again; check file permissions.'],
  '0x4004': ['no privilege to launch', 'Use a release signing key, or allow debug.'],
  '0xe019': ['the quote provider reached no PCCS', 'Set pccs_url in /etc/sgx_default_qcnl.conf of the host; restart.'],
};

/** The names that tools print instead of the number. */
const names: Readonly<Record<string, string>> = {
  SGX_ERROR_ENCLAVE_LOST: '0x4',
  SGX_ERROR_OUT_OF_TCS: '0x1003',
  SGX_ERROR_STACK_OVERRUN: '0x1009',
  SGX_ERROR_OUT_OF_EPC: '0x2004',
  SGX_ERROR_NO_DEVICE: '0x2006',
  SGX_ERROR_MODE_INCOMPATIBLE: '0x200e',
  SGX_ERROR_NO_PRIVILEGE: '0x4004',
  SGX_QL_NETWORK_ERROR: '0xe019',
};

/** PAL's lines: an enclave that cannot be created, or entered any more because it was lost (issue 1272). */
const creation = /Failed to (?:create enclave|enter the enclave[^\n]*?) with error code (0x[0-9a-fA-F]+)/;
const elsewhere =
  /\b(SGX_(?:ERROR|QL)_[A-Z_]+)\b|\b(?:error|ret|returns|code|status)\b[^\n]{0,20}?\b(0x(?:4|1003|1009|e019))\b/i;

/** Recognises that no enclave could be made or entered, by PAL's line for it. */
export function recogniseCreation(text: string): Diagnosis | null {
  const found = creation.exec(text);
  return found === null ? null : diagnosisOf(found[0], (found[1] ?? '').toLowerCase());
}

/** Recognises an SGX error that a running enclave died of or complained about. */
export function recogniseSgxError(text: string): Diagnosis | null {
  const found = elsewhere.exec(text);
  if (found === null) return null;
  const code = found[2]?.toLowerCase() ?? names[found[1] ?? ''];
  return code === undefined ? null : diagnosisOf(found[0], code);
}

function diagnosisOf(evidence: string, code: string): Diagnosis {
  const [meaning, hint, again] = codes[code] ?? [
    `SGX error ${code}`,
    'See sgx_error.h of the Intel SGX SDK for its meaning.',
  ];
  return { evidence, meaning, hint, restartable: again === 'restartable' };
}
