import { createHmac } from 'node:crypto';
import type { SealKeyRequest, SealKeySource } from '../src/index.ts';

/** A key source that binds what EGETKEY binds, for tests of the envelope; the real simulated CPU is tested end to end. */
export function cpu(
  changes: Partial<{
    fuse: string;
    mrEnclave: string;
    mrSigner: string;
    isvSvn: number;
    cpuSvn: number;
    debug: boolean;
  }> = {},
): SealKeySource {
  const { fuse = 'fuse-1', mrEnclave = 'aa', mrSigner = 'bb', isvSvn = 2, cpuSvn = 5, debug = false } = changes;
  const identity = {
    mrEnclave: mrEnclave.repeat(32),
    mrSigner: mrSigner.repeat(32),
    cpuSvn: new Uint8Array(16).fill(cpuSvn),
    isvSvn,
    configSvn: 0,
  };
  return {
    identity,
    getKey: async (request: SealKeyRequest) => {
      if (request.isvSvn > isvSvn || (request.cpuSvn[0] ?? 0) > cpuSvn) return null;
      const bound = request.policy === 'enclave' ? identity.mrEnclave : identity.mrSigner;
      return new Uint8Array(
        createHmac('sha256', fuse)
          .update([bound, debug, request.isvSvn, request.configSvn].join())
          .update(request.keyId)
          .update(request.cpuSvn)
          .digest()
          .subarray(0, 16),
      );
    },
  };
}
