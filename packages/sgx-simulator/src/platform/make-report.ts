import { encodeReport, encodeReportBody, type ReportBody } from '@neo-service-layer/attestation/device';
import { aesCmac } from './aes-cmac.ts';
import { type ReportTarget, reportKey } from './get-key.ts';
import type { EnclaveIdentity, Processor } from './identity.ts';

/** The report body that the processor writes for an enclave. `reportData` is 64 bytes. */
export function reportBody(processor: Processor, enclave: EnclaveIdentity, reportData: Uint8Array): ReportBody {
  const { mrEnclave, mrSigner, attributes, miscSelect, isvProdId, isvSvn } = enclave;
  const { isvExtProdId, isvFamilyId, configId, configSvn } = enclave;
  return {
    ...{ cpuSvn: processor.cpuSvn, miscSelect, isvExtProdId, attributes, mrEnclave, mrSigner },
    ...{ configId, isvProdId, isvSvn, configSvn, isvFamilyId, reportData },
  };
}

/**
 * EREPORT (SDM Vol 3D): a report of 432 bytes with an AES-CMAC under the report key of `target`.
 * @param keyId 32 bytes
 */
export function makeReport(
  processor: Processor,
  enclave: EnclaveIdentity,
  input: { target: ReportTarget; reportData: Uint8Array; keyId: Uint8Array },
): Uint8Array {
  const body = reportBody(processor, enclave, input.reportData);
  const mac = aesCmac(reportKey(processor, input.target, input.keyId), encodeReportBody(body));
  return encodeReport({ body, keyId: input.keyId, mac });
}
