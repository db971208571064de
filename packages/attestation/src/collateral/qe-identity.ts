import * as z from 'zod';
import {
  advisoriesField,
  countField,
  dateField,
  dateSeconds,
  hexField,
  listField,
  parseDocument,
  qeStatusField,
  u16Field,
} from './json-fields.ts';
import { readSignedJson, type SignedJson } from './signed-json.ts';
import { sortLevels } from './sort-levels.ts';
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

const schema = z.object({
  id: z.enum(['QE', 'TD_QE', 'QVE']),
  version: z.literal(2),
  issueDate: dateField,
  nextUpdate: dateField,
  tcbEvaluationDataNumber: countField,
  miscselect: hexField(4),
  miscselectMask: hexField(4),
  attributes: hexField(16),
  attributesMask: hexField(16),
  mrsigner: hexField(32),
  isvprodid: u16Field,
  tcbLevels: listField(
    z.object({
      tcb: z.object({ isvsvn: u16Field }),
      tcbDate: dateField,
      tcbStatus: qeStatusField,
      advisoryIDs: advisoriesField,
    }),
    1,
  ),
});

const format = 'ERR_QE_IDENTITY_FORMAT';

/**
 * Reads a QE identity (PCS API v3 and v4, "Get Quoting Enclave Identity"), as a whole answer or as its inner object.
 * The signature is not verified.
 * @throws {TeeError} ERR_QE_IDENTITY_FORMAT
 */
export function parseQeIdentity(bytes: Uint8Array, signature?: Uint8Array): SignedQeIdentity {
  const signed = readSignedJson(bytes, signature, 'enclaveIdentity', format);
  const document = parseDocument(schema, signed.value, format, 'QE identity');
  const levels = document.tcbLevels.map(({ tcb, tcbDate, tcbStatus, advisoryIDs }) => ({
    isvSvn: tcb.isvsvn,
    tcbDate,
    status: tcbStatus,
    advisoryIds: advisoryIDs,
  }));
  const identity: QeIdentity = {
    id: document.id,
    issueDate: dateSeconds(document.issueDate),
    nextUpdate: dateSeconds(document.nextUpdate),
    tcbEvaluationDataNumber: document.tcbEvaluationDataNumber,
    miscSelect: document.miscselect,
    miscSelectMask: document.miscselectMask,
    attributes: document.attributes,
    attributesMask: document.attributesMask,
    mrSigner: document.mrsigner,
    isvProdId: document.isvprodid,
    levels: sortLevels(levels, ({ isvSvn }) => [isvSvn], format),
  };
  return { identity, signed };
}
