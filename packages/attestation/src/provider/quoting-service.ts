import { TeeError } from '@neo-service-layer/tee-interface';
import type { SgxDevice } from '../device/sgx-device.ts';

/** What the device says of the platform's quoting service. */
export interface QuotingService {
  /** Length in bytes of the quotes it gives. */
  quoteSize: number;
}

/** How often something refused is asked for again, and how long to wait before each time. */
export interface RetrySchedule {
  /** Milliseconds before the second attempt, the third, … Their number is that of the retries. */
  delays: readonly number[];
  wait: (milliseconds: number) => Promise<void>;
}

/** Intel's quoting library asks for up to five seconds while its enclaves are being loaded. */
export const defaultRetries: RetrySchedule = {
  delays: [250, 500, 1000, 2000, 2000],
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

const inHardware = {
  devices:
    'Give the enclave /dev/sgx_enclave and /dev/sgx_provision (containers: --device for both) and be in the group sgx_prv; Occlum built for SIM has no quotes.',
  service:
    'Check AESM (/var/run/aesmd/aesm.socket, or the in-process quoting library) and the PCCS: pccs_url in /etc/sgx_default_qcnl.conf of the host. Then restart the enclave: Occlum starts the service once in its life.',
  busy: 'Ask again later; if it stays so, look at the log of the quoting library (QE lines on the host) and restart the enclave.',
} as const;

/**
 * Finds out whether quotes are to be had, in the order in which the answers tell causes apart: the device says EINVAL
 * for everything, so first the devices are looked for, then the service is asked for the size of its quotes.
 * @throws {TeeError} ERR_QUOTE_UNAVAILABLE with what to check
 */
export async function detectQuotingService(device: SgxDevice, retries: RetrySchedule): Promise<QuotingService> {
  if (!(await device.detectDcapDriver())) {
    throw new TeeError('ERR_QUOTE_UNAVAILABLE', 'The host has no SGX devices for quotes.', {
      expected: 'the enclave and the provision device',
      actual: 'DETECT_DCAP_DRIVER says 0',
      hint: inHardware.devices,
    });
  }
  try {
    return { quoteSize: await retryRefused(() => device.quoteSize(), retries) };
  } catch (cause) {
    throw unavailable('The quoting service does not start.', inHardware.service, cause);
  }
}

/**
 * A quote on the enclave. Asked for again while the device refuses it, since a busy service cannot be told from a
 * broken one.
 * @throws {TeeError} ERR_QUOTE_UNAVAILABLE when it is refused to the end
 */
export async function requestQuote(
  device: SgxDevice,
  reportData: Uint8Array,
  retries: RetrySchedule,
): Promise<Uint8Array> {
  try {
    return await retryRefused(() => device.generateQuote(reportData), retries);
  } catch (cause) {
    throw unavailable('The quoting service is there, but makes no quote.', inHardware.busy, cause);
  }
}

async function retryRefused<T>(ask: () => Promise<T>, { delays, wait }: RetrySchedule): Promise<T> {
  for (const delay of delays) {
    try {
      return await ask();
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    await wait(delay);
  }
  return ask();
}

function isRefusal(error: unknown): boolean {
  return error instanceof TeeError && error.code === 'ERR_DEVICE_REFUSED';
}

/** Only what the device refused means this; a closed device or a wrong answer stays what it is. */
function unavailable(message: string, hint: string, cause: unknown): unknown {
  if (!isRefusal(cause)) return cause;
  const actual = cause instanceof TeeError ? cause.actual : undefined;
  return new TeeError('ERR_QUOTE_UNAVAILABLE', message, { ...(actual === undefined ? {} : { actual }), hint, cause });
}
