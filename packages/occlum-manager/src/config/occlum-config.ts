import { parseOcclumConfig } from './parse-config.ts';
import { type PresetName, presets } from './presets.ts';
import type { OcclumConfig } from './schema.ts';

/** What {@link occlumConfig} is told; everything not told is production-minimal. */
export interface OcclumConfigOptions {
  /** Memory and thread figures to start from, see {@link presets}. */
  preset: PresetName;
  /** Absolute paths in the image that may be started; default `["/bin"]`. */
  entryPoints?: readonly string[];
  /** Trusted, measured environment of every program. */
  env?: Readonly<Record<string, string>>;
  /** Names the host may set. */
  untrustedEnv?: readonly string[];
  /** ISVPRODID, 0 to 65535; default 0. */
  productId?: number;
  /** ISVSVN, 0 to 65535; default 0. */
  securityVersion?: number;
  /** True lets a debugger on the host read the enclave: nothing in it is confidential then. Default false. */
  allowDebug?: boolean;
  /** Replaces figures of the preset. */
  limits?: Partial<OcclumConfig['resource_limits']>;
  /** KSS identity; both as 64-bit hex halves. Switches metadata.enable_kss on. */
  kss?: Pick<OcclumConfig['metadata'], 'family_id' | 'ext_prod_id'>;
  feature?: OcclumConfig['feature'];
  /** Mounts beside the root file system, which is always the measured image below an encrypted writable layer. */
  mounts?: OcclumConfig['mount'];
}

/**
 * A checked Occlum.json from a preset. Differs from Occlum's template where the template is for trying out: not
 * debuggable, no hostfs mount (the template gives the host's instance folder to the enclave, unprotected), no
 * variable of the host let in.
 *
 * @throws TeeError ERR_OCCLUM_CONFIG when the options do not make a configuration that Occlum accepts
 */
export function occlumConfig(options: OcclumConfigOptions): OcclumConfig {
  const preset = presets[options.preset];
  const noId = { high: '0x0', low: '0x0' };
  return parseOcclumConfig({
    resource_limits: {
      user_space_size: preset.userSpace,
      user_space_max_size: preset.userSpaceMax,
      kernel_space_heap_size: preset.kernelHeap,
      kernel_space_stack_size: preset.kernelStack,
      max_num_of_threads: preset.threads,
      ...options.limits,
    },
    process: {
      default_stack_size: preset.processStack,
      default_heap_size: preset.processHeap,
      default_mmap_size: preset.processMmap,
    },
    entry_points: [...(options.entryPoints ?? ['/bin'])],
    env: {
      default: Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`),
      untrusted: [...(options.untrustedEnv ?? [])],
    },
    metadata: {
      product_id: options.productId ?? 0,
      version_number: options.securityVersion ?? 0,
      debuggable: options.allowDebug ?? false,
      enable_kss: options.kss !== undefined,
      family_id: options.kss?.family_id ?? noId,
      ext_prod_id: options.kss?.ext_prod_id ?? noId,
    },
    feature: options.feature ?? {},
    mount: [
      {
        target: '/',
        type: 'unionfs',
        options: {
          layers: [
            { target: '/', type: 'sefs', source: './build/mount/__ROOT', options: { MAC: '' } },
            { target: '/', type: 'sefs', source: './run/mount/__ROOT' },
          ],
        },
      },
      ...(options.mounts ?? []),
    ],
  });
}
