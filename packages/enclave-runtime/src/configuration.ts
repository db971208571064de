import { type FunctionCapability, functionCapabilities } from '@neo-service-layer/tee-interface';
import { encodePlain } from '@neo-service-layer/tee-interface/cbor';
import { sha256 } from './digest.ts';

/** Version of this runtime; stands in getInfo and in the configuration hash. */
export const runtimeVersion = '0.1.0';

/** What the runtime runs with. It is part of the program, so it is measured; its hash also stands in the evidence. */
export interface RuntimeConfiguration {
  /** The most a call may ask for. */
  limits: { timeoutMs: number; memoryBytes: number; gas: number };
  /**
   * What a call may have its function granted. `http: 'public'` is to hosts by name only: addresses and localhost would
   * open the network around the host, which is not the caller's to open.
   */
  grants: { capabilities: readonly FunctionCapability[]; http: 'none' | 'public' | 'any' };
  /** Calls in the sandbox at once. */
  workers: number;
}

/** The configuration built into the image. */
export const builtInConfiguration: RuntimeConfiguration = {
  limits: { timeoutMs: 60_000, memoryBytes: 256 * 1024 * 1024, gas: 100_000_000_000 },
  grants: { capabilities: functionCapabilities, http: 'public' },
  workers: 2,
};

/** SHA-256 over the configuration, the runtime's version and the sandbox's engine. */
export function configurationHash(configuration: RuntimeConfiguration, sandboxHash: string): Uint8Array {
  const { limits, grants, workers } = configuration;
  const granted = { capabilities: [...grants.capabilities], http: grants.http };
  const facts = ['tee-runtime/1 configuration', runtimeVersion, sandboxHash, { ...limits }, granted, workers];
  return sha256(encodePlain(facts));
}
