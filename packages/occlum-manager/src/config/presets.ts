/** Memory and threads of a kind of program, as Occlum.json states them. */
export interface ResourcePreset {
  readonly userSpace: string;
  readonly userSpaceMax: string;
  readonly kernelHeap: string;
  readonly kernelStack: string;
  readonly threads: number;
  readonly processStack: string;
  readonly processHeap: string;
  readonly processMmap: string;
}

/**
 * Starting figures for kinds of programs. None of them was measured on hardware by this project.
 *
 * - `node`: occlum-contract §5 (inferred there): V8 reserves address space long before it uses it, and the template's
 *   300MB is too little for Node to start; worker threads, V8's pool and libuv's each take a thread control structure.
 * - `java`: upstream's Java demos use 1680MB of user space and 64 threads (§5, user_space_size row).
 * - `python`: inferred by this project: twice the template's user space, and threads for libraries that start pools.
 * - `native`: the template's own limits (§2.1).
 */
export const presets = {
  node: {
    userSpace: '3GB',
    userSpaceMax: '4GB',
    kernelHeap: '256MB',
    kernelStack: '4MB',
    threads: 64,
    processStack: '8MB',
    processHeap: '256MB',
    processMmap: '100MB',
  },
  python: {
    userSpace: '640MB',
    userSpaceMax: '640MB',
    kernelHeap: '256MB',
    kernelStack: '4MB',
    threads: 64,
    processStack: '8MB',
    processHeap: '64MB',
    processMmap: '100MB',
  },
  java: {
    userSpace: '1680MB',
    userSpaceMax: '1680MB',
    kernelHeap: '128MB',
    kernelStack: '4MB',
    threads: 64,
    processStack: '4MB',
    processHeap: '512MB',
    processMmap: '100MB',
  },
  native: {
    userSpace: '300MB',
    userSpaceMax: '300MB',
    kernelHeap: '32MB',
    kernelStack: '1MB',
    threads: 32,
    processStack: '4MB',
    processHeap: '32MB',
    processMmap: '100MB',
  },
} as const satisfies Record<string, ResourcePreset>;

/** The kind of program an instance is made for. */
export type PresetName = keyof typeof presets;
