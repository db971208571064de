import { TeeError } from '@neo-service-layer/tee-interface';
import { unwrapCertificates } from '../collateral/containers.ts';
import { JsonFields } from '../collateral/json-fields.ts';
import { readSignedJson } from '../collateral/signed-json.ts';
import { verifyCertificateChain } from '../verify/certificate-chain.ts';
import type { SignatureChecker } from '../verify/signature-checker.ts';
import type { TrustAnchor } from '../verify/trust-anchor.ts';
import { certificateWindow, checkWindow } from '../verify/validity-window.ts';

/** The TCB recoveries that a service keeps collateral of, newest first. */
export interface EvaluationDataNumbers {
  tee: 'sgx' | 'tdx';
  /** Unix seconds. */
  issueDate: number;
  /** Unix seconds. */
  nextUpdate: number;
  numbers: readonly { tcbEvaluationDataNumber: number; tcbRecoveryEventDate: string; tcbDate: string }[];
}

const format = 'ERR_COLLATERAL_MALFORMED';

/**
 * Reads the answer to "Retrieve TCB Evaluation Data Numbers" (PCS API v4) and verifies it: signature, chain to an
 * anchor, dates. Revocation of the signer is not looked at: nothing is decided by these numbers but what to ask for.
 * @param now unix seconds
 * @throws {TeeError} ERR_COLLATERAL_MALFORMED, ERR_COLLATERAL_EXPIRED, ERR_CERT_*
 */
export async function verifyEvaluationDataNumbers(
  answer: { body: Uint8Array; issuerChain: Uint8Array },
  anchors: readonly TrustAnchor[],
  signatures: SignatureChecker,
  now: number,
): Promise<EvaluationDataNumbers> {
  const signed = readSignedJson(answer.body, undefined, 'tcbEvaluationDataNumbers', format);
  const document = readDocument(signed.value);
  const { leaf } = await verifyCertificateChain(
    unwrapCertificates(answer.issuerChain),
    'tcbSigning',
    anchors,
    signatures,
  );
  const key = leaf.publicKey ?? new Uint8Array();
  if (!(await signatures.verify(key, signed.signature, signed.signedBytes))) {
    throw new TeeError(format, 'The list of TCB evaluation data numbers was not signed by its signing certificate.');
  }
  checkWindow(certificateWindow('evaluationDataNumbers.chainTime', leaf), now);
  const codes = { earlyCode: 'ERR_COLLATERAL_EXPIRED', lateCode: 'ERR_COLLATERAL_EXPIRED' } as const;
  const what = 'The list of TCB evaluation data numbers';
  checkWindow(
    { name: 'evaluationDataNumbers.time', what, from: document.issueDate, until: document.nextUpdate, ...codes },
    now,
  );
  return document;
}

function readDocument(value: unknown): EvaluationDataNumbers {
  const document = new JsonFields(value, format);
  document.oneOf('version', [1]);
  const numbers = document.objects('tcbEvalNumbers', 1).map((item) => ({
    tcbEvaluationDataNumber: item.integer('tcbEvaluationDataNumber', Number.MAX_SAFE_INTEGER),
    tcbRecoveryEventDate: item.date('tcbRecoveryEventDate'),
    tcbDate: item.date('tcbDate'),
  }));
  numbers.sort((a, b) => b.tcbEvaluationDataNumber - a.tcbEvaluationDataNumber);
  return {
    tee: document.oneOf('id', ['SGX', 'TDX']) === 'TDX' ? 'tdx' : 'sgx',
    issueDate: document.seconds('issueDate'),
    nextUpdate: document.seconds('nextUpdate'),
    numbers,
  };
}
