import { readIsvSvnLevels } from './isv-svn-levels.ts';
import { JsonFields } from './json-fields.ts';
import { readSignedJson, type SignedJson } from './signed-json.ts';
import type { IsvSvnLevel } from './tcb-info.ts';

/** Identity of a quoting enclave, version 2, as it was read. All hex is lower case, in memory order. */
export interface QeIdentity {
  /** `QE` makes SGX quotes, `TD_QE` TDX quotes; `QVE` is the verification enclave, which makes none. */
  id: 'QE' | 'TD_QE' | 'QVE';
  /** Unix seconds. */
  issueDate: number;
  /** Unix seconds. */
  nextUpdate: number;
  tcbEvaluationDataNumber: number;
  /** 4 bytes, and so on for their masks. */
  miscSelect: string;
  miscSelectMask: string;
  /** 16 bytes: flags and XFRM. */
  attributes: string;
  attributesMask: string;
  mrSigner: string;
  isvProdId: number;
  /** Highest ISVSVN first. */
  levels: readonly IsvSvnLevel[];
}

/** A QE identity with the bytes and signature it came with. */
export interface SignedQeIdentity {
  identity: QeIdentity;
  signed: SignedJson;
}

/** The statuses that a level of a QE identity may have (QVL accepts these five). */
const statuses = ['UpToDate', 'ConfigurationNeeded', 'OutOfDate', 'OutOfDateConfigurationNeeded', 'Revoked'] as const;

const format = 'ERR_QE_IDENTITY_FORMAT';

/**
 * Reads a QE identity (PCS API v3 and v4, "Get Quoting Enclave Identity"), as a whole answer or as its inner object.
 * The signature is not verified.
 * @throws {TeeError} ERR_QE_IDENTITY_FORMAT
 */
export function parseQeIdentity(bytes: Uint8Array, signature?: Uint8Array): SignedQeIdentity {
  const signed = readSignedJson(bytes, signature, 'enclaveIdentity', format);
  const document = new JsonFields(signed.value, format);
  document.oneOf('version', [2]);
  const identity: QeIdentity = {
    id: document.oneOf('id', ['QE', 'TD_QE', 'QVE']),
    issueDate: document.seconds('issueDate'),
    nextUpdate: document.seconds('nextUpdate'),
    tcbEvaluationDataNumber: document.integer('tcbEvaluationDataNumber', Number.MAX_SAFE_INTEGER),
    miscSelect: document.hex('miscselect', 4),
    miscSelectMask: document.hex('miscselectMask', 4),
    attributes: document.hex('attributes', 16),
    attributesMask: document.hex('attributesMask', 16),
    mrSigner: document.hex('mrsigner', 32),
    isvProdId: document.integer('isvprodid', 0xffff),
    levels: readIsvSvnLevels(document, statuses, 0xffff, format),
  };
  return { identity, signed };
}
