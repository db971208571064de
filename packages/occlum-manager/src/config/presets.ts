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
  /** Where the figures come from. */
  readonly origin: string;
}

/** Starting figures for kinds of programs, each with its origin. None was measured on hardware by this project. */
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
    origin:
      'occlum-contract §5, inferred there: V8 reserves address space long before it uses it and does not start in the ' +
      'template’s 300MB; worker threads, V8’s pool and libuv’s each take a thread control structure. 8MB of main ' +
      'stack is what Linux gives.',
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
    origin:
      'Inferred by this project from the template (§2.1): twice its user space, more threads for libraries with pools, ' +
      'a larger LibOS heap for the many files that an import opens (§7, issues 1180 and 609).',
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
    origin:
      'User space of upstream’s Java demos (§5, row user_space_size); threads and heaps inferred by this project.',
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
    origin: 'Occlum’s own template (§2.1).',
  },
} as const satisfies Record<string, ResourcePreset>;

/** The kind of program an instance is made for. */
export type PresetName = keyof typeof presets;
