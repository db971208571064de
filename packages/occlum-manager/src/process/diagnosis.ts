/** A failure that occlum, the LibOS or SGX reported, in words that say what to do. */
export interface Diagnosis {
  /** The line or number it was recognised by. */
  readonly evidence: string;
  readonly meaning: string;
  readonly hint: string;
  /** True when starting again can help without changing anything (enclave lost after suspend). */
  readonly restartable: boolean;
}

type Rule = readonly [pattern: RegExp, meaning: string, hint: string, restartable?: 'restartable'];

/** Error numbers of enclave creation, occlum-contract §1.6 and §7. */
const sgxCodes: Readonly<Record<string, readonly [meaning: string, hint: string, restartable?: 'restartable']>> = {
  '0x1': ['unexpected error of the SGX runtime', 'Look at the kernel log and whether AESM runs.'],
  '0x2': ['invalid parameter', 'Build the instance again with -f.'],
  '0x3': ['out of memory', 'Lower resource_limits or give the machine more memory.'],
  '0x4': ['the enclave was lost, as after a suspend', 'Start it again.', 'restartable'],
  '0x1003': ['out of thread control structures', 'Raise resource_limits.max_num_of_threads (double it).'],
  '0x1009': ['out of stack in the LibOS', 'Raise resource_limits.kernel_space_stack_size (up to 8MB).'],
  '0x2000': ['invalid enclave', 'Build the instance again with -f.'],
  '0x2003': ['invalid signature, or EDMM asked of SGX1', 'Sign with a proper key; switch feature.enable_edmm off.'],
  '0x2004': ['out of enclave page cache', 'Lower resource_limits.user_space_size or stop other enclaves.'],
  '0x2006': ['no SGX device', 'Run on SGX hardware with /dev/sgx_enclave, or set OCCLUM_SIMULATION=1.'],
  '0x2009': ['invalid metadata', 'Lower resource_limits.kernel_space_stack_size to at most 8MB.'],
  '0x200e': ['hardware and simulation are mixed', 'Build the instance again in the mode it runs in.'],
  '0x200f': ['the enclave file cannot be opened', 'Build the instance again; check file permissions.'],
  '0x4004': ['no privilege to launch', 'Use a release signing key, or allow debug.'],
};

const rules: readonly Rule[] = [
  [/not initialized as an Occlum instance/, 'the folder is no instance', 'Create it with createInstance().'],
  [/image and enclave are not built yet/, 'the instance is not built', 'Call build().'],
  [/process of current Occlum instance is running/, 'a program of this instance runs', 'Wait for it or stop it.'],
  [/server of current Occlum instance has been started/, 'the server runs already', 'Use exec(), or stop() first.'],
  [/server of current Occlum instance has not been started/, 'no server runs', 'Call start() first.'],
  [/AESM service is not started/, 'the AESM service does not run', 'systemctl start aesmd'],
  [/FSGSBASE enablement check failed/, 'the kernel lacks FSGSBASE', 'Use a kernel of at least 5.9.'],
  [/program path is NOT a valid entry point/, 'the program is not below an entry point', 'See entry_points.'],
  [/unknown executable file format/, 'not a position-independent ELF program', 'Occlum loads only PIE (surprise 1).'],
  [/program path must be absolute/, 'a relative program path', 'Give the path in the image.'],
  [/cannot contain any parent component/, 'the program path has ".."', 'Give the path without it.'],
  [/EntryNotFound|ENOENT \(#2/, 'the program or its interpreter is not in the image', 'See image inspect.'],
  [/file is not executable|not a regular file/, 'the program is not an executable file', 'See its mode in the image.'],
  [/failed to create process VM/, 'too little memory for the process', 'Raise resource_limits.user_space_size.'],
  [/run out of reserved memory|\[____Mmap\] Error = ENOMEM/, 'mmap found no room', 'Raise user_space_size.'],
  [/New brk address is too high/, 'the program heap is full', 'Raise process.default_heap_size.'],
  [/memory allocation of \d+ bytes failed/, 'the LibOS heap is full', 'Raise kernel_space_heap_size.'],
  [
    /explicit panic.*src\/config\.rs|src\/config\.rs:24/,
    'the LibOS refuses Occlum.json',
    'Check it with readConfig().',
  ],
  [/init process exit with code|run the init process/, 'the init process failed', 'Encrypted image without a key?'],
  [/start server failed/, 'the server did not start', 'See the server log of the instance.'],
  [
    /user namespaces?|unshare/i,
    'user namespaces are not to be had',
    'Enable them, or use rootfs: "none" in simulation.',
  ],
  [/\[ERROR\] occlum-(pal|run)/, 'the launcher failed', 'See its message.'],
];

/**
 * Recognises what occlum says in its output: its own errors (some of them on stdout) and those of PAL, LibOS and SGX.
 *
 * @param stdout end of the output; only a line that occlum itself would print there counts
 * @returns null when there is nothing of the kind
 */
export function recogniseFailure(stdout: string, stderr: string): Diagnosis | null {
  const code = /Failed to create enclave with error code (0x[0-9a-fA-F]+)/.exec(stderr);
  if (code !== null) {
    const [meaning, hint, again] = sgxCodes[(code[1] ?? '').toLowerCase()] ?? [
      'enclave creation failed',
      'See SGX error',
    ];
    return { evidence: code[0], meaning, hint, restartable: again === 'restartable' };
  }
  // Occlum's own errors on stdout are the whole of the output: no program has run (occlum-contract §1.3, †). On
  // stderr "Error: …" is no sign: that is how programs in Node and Rust report their own.
  const own = /^(Error: [^\n]*)\s*$/.exec(stdout)?.[1] ?? '';
  const launcher = stderr
    .split('\n')
    .filter((line) =>
      /^\s*(occlum-sim: |\[ERROR\]|failed to |start server|thread '|FSGSBASE|The init|Failed to)/.test(line),
    )
    .join('\n');
  const text = `${own}\n${launcher}`;
  for (const [pattern, meaning, hint, again] of rules) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const line = text.split('\n').find((candidate) => pattern.test(candidate)) ?? found[0];
    return { evidence: line.trim().slice(0, 300), meaning, hint, restartable: again === 'restartable' };
  }
  return null;
}
