import { recogniseCreation } from './sgx-errors.ts';

/** A failure that occlum, the LibOS or SGX reported, in words that say what to do. */
export interface Diagnosis {
  /** The line or number it was recognised by. */
  readonly evidence: string;
  readonly meaning: string;
  readonly hint: string;
  /** True when starting again can help without changing anything (enclave lost after suspend). */
  readonly restartable: boolean;
}

/** A pattern, what it means, and what to do. */
export type Rule = readonly [pattern: RegExp, meaning: string, hint: string];

/** What occlum and its launcher say before any program runs (occlum-contract §1.3, §1.6). */
const rules: readonly Rule[] = [
  [/not initialized as an Occlum instance/, 'the folder is no instance', 'Create it with createInstance().'],
  [/has been initialized as an Occlum instance/, 'the folder is an instance already', 'Open it with openInstance().'],
  [/image and enclave are not built yet/, 'the instance is not built', 'Call build().'],
  [/process of current Occlum instance is running/, 'a program of this instance runs', 'Wait for it or stop it.'],
  [/server of current Occlum instance has been started/, 'the server runs already', 'Use exec(), or stop() first.'],
  [/server of current Occlum instance has not been started/, 'no server runs', 'Call start() first.'],
  [/AESM service is not started/, 'the AESM service does not run', 'systemctl start aesmd'],
  [/unknown sub-command|Unknown option/, 'this occlum does not know the command', 'Use Occlum 0.30.1 or later.'],
  [/invalid signing (key|tool) path/, 'a file to sign with is not there', 'Check the paths given to build().'],
  [/invalid secure image key path/, 'the image key is not there', 'Make one with generateImageKey().'],
  [/No build\/lib\/libocclum-libos\.signed\.so/, 'the instance is not built', 'Call build().'],
  [/invalid mount point/, 'the mount point cannot be used', 'Give the absolute path of an empty folder.'],
  [/FSGSBASE enablement check failed/, 'the kernel lacks FSGSBASE', 'Use a kernel of at least 5.9.'],
  [/program path is NOT a valid entry point/, 'the program is not below an entry point', 'See entry_points.'],
  [/unknown executable file format/, 'not a position-independent ELF program', 'Occlum loads only PIE (surprise 1).'],
  [/cannot find the interpreter segment/, 'a static program', 'Occlum loads dynamically linked programs only.'],
  [/program path must be absolute/, 'a relative program path', 'Give the path in the image.'],
  [/cannot contain any parent component/, 'the program path has ".."', 'Give the path without it.'],
  [/EntryNotFound|ENOENT \(#2/, 'the program or its interpreter is not in the image', 'See inspectImage().'],
  [/file is not executable|not a regular file/, 'the program is not an executable file', 'See its mode in the image.'],
  [/failed to create process VM/, 'too little memory for the process', 'Raise resource_limits.user_space_size.'],
  [/run out of reserved memory|\[____Mmap\] Error = ENOMEM/, 'mmap found no room', 'Raise user_space_size.'],
  [/New brk address is too high/, 'the program heap is full', 'Raise process.default_heap_size.'],
  [/memory allocation of \d+ bytes failed/, 'the LibOS heap is full', 'Raise kernel_space_heap_size.'],
  [/EWOULDBLOCK|DeviceError/, 'its file system is open elsewhere', 'End what else uses the instance.'],
  [/explicit panic.*src\/config\.rs|src\/config\.rs:24/, 'the LibOS refuses Occlum.json', 'Check it: readConfig().'],
  [/init process exit with code|run the init process/, 'the init process failed', 'Encrypted image without a key?'],
  [/start server failed/, 'the server did not start', 'See the server log of the instance.'],
  [/user namespaces?|unshare/i, 'user namespaces are not to be had', 'Enable them, or simulate with rootfs: "none".'],
  [/at least one argument must be provided/, 'no program was named', 'Name the absolute path of one.'],
  [/\[ERROR\] occlum-(pal|run)/, 'the launcher failed', 'See its message.'],
];

const launcherLine =
  /^\s*(occlum-sim: |\[ERROR\]|Error: (Unknown|unknown|invalid|No build)|failed to |start server|thread '|FSGSBASE|The init|Failed to)/;

/**
 * Recognises what occlum says in its output: its own errors (some of them on stdout) and those of PAL, LibOS and SGX.
 *
 * @param stdout end of the output; only a line that occlum itself would print there counts
 * @returns null when there is nothing of the kind
 */
export function recogniseFailure(stdout: string, stderr: string): Diagnosis | null {
  // Occlum's own errors on stdout are the whole of the output: no program has run (occlum-contract §1.3, †). On
  // stderr "Error: …" alone is no sign: that is how programs in Node and Rust report their own.
  const own = /^(Error: [^\n]*)\s*$/.exec(stdout)?.[1] ?? '';
  const launcher = stderr.split('\n').filter((line) => launcherLine.test(line));
  return recogniseCreation(stderr) ?? firstRule(rules, [own, ...launcher].join('\n'));
}

/** The first rule, in their order, that some line of a text fits. */
export function firstRule(candidates: readonly Rule[], text: string): Diagnosis | null {
  for (const [pattern, meaning, hint] of candidates) {
    const line = text.split('\n').find((candidate) => pattern.test(candidate));
    if (line === undefined) continue;
    return { evidence: line.trim().slice(0, 300), meaning, hint, restartable: false };
  }
  return null;
}
