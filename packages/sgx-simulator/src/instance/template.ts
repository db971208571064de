import type { OcclumConfig } from './occlum-json.ts';

/** The Occlum.json that `init` writes: Occlum's own defaults (occlum-contract §2.1). */
export const templateConfig: OcclumConfig = {
  resource_limits: {
    user_space_size: '300MB',
    kernel_space_heap_size: '32MB',
    kernel_space_stack_size: '1MB',
    max_num_of_threads: 32,
  },
  process: { default_stack_size: '4MB', default_heap_size: '32MB', default_mmap_size: '100MB' },
  entry_points: ['/bin'],
  env: { default: ['OCCLUM=yes'], untrusted: ['EXAMPLE'] },
  metadata: {
    product_id: 0,
    version_number: 0,
    debuggable: true,
    enable_kss: false,
    family_id: { high: '0x0', low: '0x0' },
    ext_prod_id: { high: '0x0', low: '0x0' },
  },
  feature: { amx: 0, pkru: 0, io_uring: 0, enable_edmm: false, enable_posix_shm: false },
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
    { target: '/host', type: 'hostfs', source: '.' },
    { target: '/proc', type: 'procfs' },
    { target: '/dev', type: 'devfs' },
  ],
};

/** Folders that `init` makes in image/ and initfs/. The real tool also puts libc there; here programs bring theirs. */
export const templateFolders = {
  image: ['bin', 'lib', 'lib64', 'root', 'host', 'tmp', 'dev', 'proc', 'etc', 'sbin', 'opt', 'sys', 'ext2'],
  initfs: ['bin', 'lib', 'etc', 'dev', 'proc'],
} as const;

/** /etc/hosts of image/ and initfs/. */
export const templateHosts = '127.0.0.1   localhost\n';
