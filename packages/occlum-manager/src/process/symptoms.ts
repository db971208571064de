import { type Diagnosis, firstRule, type Rule } from './diagnosis.ts';
import { recogniseSgxError } from './sgx-errors.ts';

/**
 * What programs and the LibOS print when a limit of Occlum is met, by the experience of its users (occlum-contract §5,
 * §7; numbers are issues). The first that fits wins: what the LibOS says comes before what a program makes of it.
 */
const rules: readonly Rule[] = [
  [/\[____Mmap\] Error = ENOMEM|run out of reserved memory/, 'mmap found no room', 'Raise user_space_size.'],
  [/New brk address is too high/, 'the program heap is full', 'Raise process.default_heap_size.'],
  [/memory allocation of \d+ bytes failed/, 'the LibOS heap is full', 'Raise kernel_space_heap_size.'],
  [/explicit panic.*config\.rs|src\/config\.rs:24/, 'the LibOS refuses Occlum.json', 'Check it: readConfig().'],
  [/EWOULDBLOCK|DeviceError/, 'its file system is open elsewhere (547)', 'End what else uses the instance.'],
  [
    /(WebAssembly|wasm).*(out of memory|could not allocate|allocation failed)/i,
    'WebAssembly reserves gigabytes of addresses (1062)',
    'Start Node with --disable-wasm-trap-handler.',
  ],
  [
    /\b(spawn\w*|fork)\b.*(ENOSYS|Function not implemented)/i,
    'Occlum has no fork (1546)',
    'Use worker threads, or several programs by exec().',
  ],
  [/error while loading shared libraries: /, 'a library is not in the image (975)', 'Copy it: see libraryClosure().'],
  [
    /unknown authority|unable to get local issuer|CERTIFICATE_VERIFY_FAILED|self.signed certificate in/i,
    'the image has no certificate authorities (720)',
    'Copy /etc/ssl into the image, or set NODE_EXTRA_CA_CERTS.',
  ],
  [
    /EAI_AGAIN|Temporary failure in name resolution|Name or service not known|getaddrinfo/i,
    'names are not resolved in the enclave (415)',
    'Copy libnss_dns, libnss_files and libresolv into the image; resolv.conf is read at start only.',
  ],
  [/KeyError: 'HOME'|\bHOME\b.*not (set|defined)/, 'HOME is not set in the enclave (1023)', 'Set it in env.default.'],
  [
    /bad_alloc|OutOfMemoryError|MemoryError|heap out of memory|ENOMEM|Cannot allocate memory/,
    'out of memory (1180)',
    'Raise user_space_size; if the LibOS log names its heap, kernel_space_heap_size.',
  ],
  [
    /^(?!.*Membarrier).*(ENOSYS|Function not implemented)/,
    'a system call that Occlum lacks (860)',
    'Run it with OCCLUM_LOG_LEVEL=debug on a debuggable build to see which; compare occlum-contract §5.',
  ],
];

/** What it means that a program was ended by a signal that nobody here had sent. */
const signals: Readonly<Record<string, readonly [meaning: string, hint: string]>> = {
  SIGKILL: ['it was killed from outside, most likely for want of memory', 'See the kernel log for the OOM killer.'],
  SIGILL: [
    'an instruction that this processor or the enclave refuses (1285, 1569)',
    'Check Occlum.json with readConfig(); try a newer processor.',
  ],
};

/**
 * A guess why a program ended badly, from the end of what it and the LibOS printed. A program can print anything: this
 * helps its developer and proves nothing.
 */
export function recogniseSymptom(stdout: string, stderr: string, signal: string | null): Diagnosis | null {
  const text = `${stderr}\n${stdout}`;
  const said = recogniseSgxError(text) ?? firstRule(rules, text);
  if (said !== null) return said;
  const known = signal === null ? undefined : signals[signal];
  return known === undefined ? null : { evidence: signal ?? '', meaning: known[0], hint: known[1], restartable: false };
}
