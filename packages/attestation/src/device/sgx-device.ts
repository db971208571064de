import type { CreateReportInput } from './payload.ts';

/**
 * What an enclave can ask of its processor and of the platform's quoting service. Every failure is a TeeError:
 * ERR_DEVICE_REFUSED when the device says EINVAL (it never says why), ERR_DEVICE_PROTOCOL for an answer of the wrong
 * shape, ERR_DEVICE_CLOSED once it is closed, ERR_DEVICE_STRUCT for input of the wrong length.
 *
 * On hardware reports and keys come from the CPU, but a quote passes through the host: check it like one from a
 * stranger. A simulated device is wholly the host's.
 */
export interface SgxDevice {
  readonly kind: 'simulated' | 'hardware';
  /** TARGETINFO (512 bytes) of this enclave, for others to make reports for it. */
  selfTarget(): Promise<Uint8Array>;
  /** A report (432 bytes) on this enclave for the target. */
  createReport(input?: CreateReportInput): Promise<Uint8Array>;
  /** Returns when the report was made on this CPU for this enclave. @throws {TeeError} ERR_DEVICE_REFUSED otherwise. */
  verifyReport(report: Uint8Array): Promise<void>;
  /** Whether the CPU and kernel can add memory to a running enclave. */
  isEdmmSupported(): Promise<boolean>;
  /** Whether quotes are to be had here. */
  detectDcapDriver(): Promise<boolean>;
  /** Length in bytes of the quotes that {@link generateQuote} gives. */
  quoteSize(): Promise<number>;
  /** A quote on this enclave with `reportData` (64 bytes) in it. */
  generateQuote(reportData: Uint8Array): Promise<Uint8Array>;
  /** EGETKEY: the key (16 bytes) for a KEYREQUEST (512 bytes, see encodeKeyRequest). Wipe it after use. */
  getKey(request: Uint8Array): Promise<Uint8Array>;
  /** Closes the device. Requests still open fail with ERR_DEVICE_CLOSED. Closing twice is fine. */
  close(): Promise<void>;
}
