import type { EnclaveOptions } from '../sandbox/open-enclave.ts';
import { isStrict } from '../strict/limits.ts';
import { readOptions } from './options.ts';

const rules = {
  '--config-id': { value: true, emptyText: 'Empty Base64 Encoded Occlum Config ID provided' },
  '--config-svn': { value: true, emptyText: 'Empty Occlum Config SVN provided' },
  '--no-rootfs': { value: false },
  '--strict': { value: false },
};

/**
 * Reads the options of `run` and `start`; `--no-rootfs` and `--strict` (or OCCLUM_SIM_NO_ROOTFS=1, OCCLUM_SIM_STRICT=1)
 * are occlum-sim's own. What the script hands to the loader in variables counts also when it was in the environment.
 */
export function readLaunchOptions(words: string[]): { options: EnclaveOptions; rest: string[] } {
  const { options, rest } = readOptions(words, rules);
  if (options.has('--strict')) process.env['OCCLUM_SIM_STRICT'] = '1';
  const id = options.get('--config-id') ?? process.env['OCCLUM_CONF_ID_BASE64'];
  const svn = options.get('--config-svn') ?? process.env['OCCLUM_CONF_SVN'];
  return {
    options: {
      rootfs: !options.has('--no-rootfs') && process.env['OCCLUM_SIM_NO_ROOTFS'] !== '1',
      configId: id === undefined ? undefined : configId(id),
      configSvn: svn === undefined ? undefined : configSvn(svn),
    },
    rest,
  };
}

/** Says on standard error what --strict cannot do without a root file system of its own; nothing otherwise. */
export function tellWeakStrict(options: EnclaveOptions): void {
  if (options.rootfs || !isStrict()) return;
  process.stderr.write(
    'occlum-sim: --strict with --no-rootfs does not keep programs from executing files of the host, nor from /host\n',
  );
}

function configId(base64: string): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set(Buffer.from(base64, 'base64').subarray(0, 64));
  return bytes;
}

// As strtoul with base 0 reads it. Out of range is ignored, with a warning, as the loader does.
function configSvn(text: string): number {
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  process.stderr.write(`[WARN] occlum-pal: config svn ${text} is out of range and ignored\n`);
  return 0;
}
