/** What the engine may ask of the host during a call; all that a guest can reach from inside. */
export interface HostPort {
  /** Milliseconds since 1970. */
  now(): number;
  /** True when the running call must end. Asked about every 10,000 steps. */
  shouldStop(): boolean;
  /**
   * The prelude reports or asks something. Arguments are addresses of guest values.
   *
   * @returns the address of the answer, or 0 when an exception is pending in the guest
   */
  operation(values: readonly number[]): number;
  /** A promise was rejected without a handler (`handled` false), or got one later (true). Both values become the host's. */
  rejection(promise: number, reason: number, handled: boolean): void;
  /** Names the file that an import means. Addresses of NUL-terminated text; 0 when there is none. */
  normalizeModule(base: number, specifier: number): number;
  /** The source of a file, its length written to `lengthOut`; 0 when there is none. */
  loadModule(name: number, lengthOut: number): number;
}

/** Outside a call nothing may run: everything stops at once. */
export const closedPort: HostPort = {
  now: () => 0,
  shouldStop: () => true,
  operation: () => 0,
  rejection: () => undefined,
  normalizeModule: () => 0,
  loadModule: () => 0,
};

/** The prelude passes three; a guest that has taken over its engine could claim any number. */
const mostArguments = 3;
const badFile = 8;
const notSupported = 52;

/**
 * The engine's imports. There is no file, no entropy and no time zone behind them; the host port is looked
 * up at each use, because it changes with every call.
 */
export function engineImports(memory: WebAssembly.Memory, port: () => HostPort): WebAssembly.Imports {
  const view = () => new DataView(memory.buffer);
  return {
    env: {
      memory,
      host_call(_name: number, _nameLength: number, _self: number, count: number, values: number): number {
        const cells = view();
        const addresses: number[] = [];
        for (let i = 0; i < Math.min(count, mostArguments); i += 1)
          addresses.push(cells.getUint32(values + i * 4, true));
        return port().operation(addresses);
      },
      host_interrupt: () => (port().shouldStop() ? 1 : 0),
      host_promise_rejection(promise: number, reason: number, handled: number): void {
        port().rejection(promise, reason, handled !== 0);
      },
      host_module_normalize: (base: number, specifier: number) => port().normalizeModule(base, specifier),
      host_module_load: (name: number, lengthOut: number) => port().loadModule(name, lengthOut),
      host_get_timezone_offset: () => 0,
    },
    wasi_snapshot_preview1: {
      clock_time_get(_clock: number, _precision: bigint, address: number): number {
        view().setBigUint64(address, BigInt(Math.trunc(port().now())) * 1_000_000n, true);
        return 0;
      },
      random_get(address: number, length: number): number {
        new Uint8Array(memory.buffer, address, length).fill(0);
        return 0;
      },
      fd_write: () => badFile,
      fd_close: () => badFile,
      fd_fdstat_get: () => badFile,
      fd_seek: () => notSupported,
    },
  };
}
