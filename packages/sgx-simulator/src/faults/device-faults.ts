import { deviceRequestName, EINVAL, encodeU32 } from '@neo-service-layer/attestation/device';
import type { Faults } from './faults.ts';

/** What answers the requests of a device: an enclave, or one that faults stand before. */
export interface IoctlTarget {
  ioctl(request: number, payload: Uint8Array): { errno: number; payload: Uint8Array };
}

/** The device as it is when DCAP cannot be had: every quote request answers EINVAL, everything else goes on. */
export function withDeviceFaults(enclave: IoctlTarget, faults: Faults): IoctlTarget {
  if (!faults.has('no-dcap') && !faults.has('dcap-down')) return enclave;
  return {
    ioctl(request, payload) {
      const name = deviceRequestName(request);
      if (name === 'getDcapQuoteSize' || name === 'generateDcapQuote') {
        return { errno: EINVAL, payload: new Uint8Array(0) };
      }
      if (name === 'detectDcapDriver' && faults.has('no-dcap')) return { errno: 0, payload: encodeU32(0) };
      return enclave.ioctl(request, payload);
    },
  };
}
