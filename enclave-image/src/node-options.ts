import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { TeeError } from '@neo-service-layer/tee-interface';

/** Options that Node inside the enclave should have, where its line knows them. */
const wanted: readonly string[] = [
  // Without its trap handler V8 reserves for a WebAssembly memory what it may grow to, not ten gigabytes, which an
  // enclave does not have (js-sandbox §5). Node 18 knows no such flag and cannot be told.
  '--disable-wasm-trap-handler',
  // V8 sizes its heap by the machine's memory, not by user_space_size.
  '--max-old-space-size=1024',
  // Each of its threads takes a thread control structure.
  '--v8-pool-size=2',
];

/**
 * The value of NODE_OPTIONS for the enclave: those of the wanted options that this Node takes. They stand in
 * env.default, which is measured, and not in the arguments, which the host chooses.
 *
 * @param node real path of the binary; this very Node knows its own flags, any other is tried
 * @throws {TeeError} ERR_OCCLUM_IMAGE when the binary does not run as Node
 */
export function nodeOptions(node: string): string {
  if (node === realpathSync(process.execPath)) {
    const known = process.allowedNodeEnvironmentFlags;
    return wanted.filter((option) => known.has(option.replace(/=.*/, ''))).join(' ');
  }
  const starts = (options: string): boolean =>
    spawnSync(node, ['-e', '0'], { env: { NODE_OPTIONS: options }, stdio: 'ignore', timeout: 20_000 }).status === 0;
  const all = wanted.join(' ');
  if (starts(all)) return all;
  if (!starts('')) {
    throw new TeeError('ERR_OCCLUM_IMAGE', `${node} does not run as Node.js on this machine`, {
      hint: 'Give the path of a Node.js binary of at least version 18.',
    });
  }
  return wanted.filter(starts).join(' ');
}
