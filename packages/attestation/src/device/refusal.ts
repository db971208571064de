import { TeeError } from '@neo-service-layer/tee-interface';
import type { DeviceRequestName } from './requests.ts';

const quoting =
  'Look for the provision device, AESM and the PCCS on the host (docs/hardware.md, "Device"), then restart the enclave.';

const afterEinval: Partial<Record<DeviceRequestName, string>> = {
  verifyReport:
    'The report is not one for this enclave: made on another machine or boot, for another target, or altered.',
  getKey: 'The request asks for security versions above the current ones, or sets reserved bits.',
  getDcapQuoteSize: quoting,
  generateDcapQuote: quoting,
};

const afterErrno: Record<number, string> = {
  16: 'The device is busy: ask again later.',
  25: 'This device knows no such request: is it really the /dev/sgx of Occlum?',
};

/**
 * The error for an ioctl that failed. Occlum says EINVAL whatever went wrong (occlum-contract §0, surprise 5), so the
 * hint follows from what was asked; other numbers come from kernels and devices that are not Occlum's.
 */
export function refusal(name: DeviceRequestName, errno: number): TeeError {
  const fallback = 'Occlum gives EINVAL for every failure: its log (OCCLUM_LOG_LEVEL=debug, debug builds) says more.';
  return new TeeError('ERR_DEVICE_REFUSED', `The SGX device refused ${name}.`, {
    actual: `errno ${errno}`,
    hint: afterErrno[errno] ?? afterEinval[name] ?? fallback,
    details: { errno },
  });
}
