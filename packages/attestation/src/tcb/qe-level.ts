import { TeeError } from '@neo-service-layer/tee-interface';
import { littleEndianHex32, littleEndianHex64, toHex } from '../bytes/hex.ts';
import type { QeIdentity } from '../collateral/qe-identity.ts';
import type { IsvSvnLevel } from '../collateral/tcb-info.ts';
import { attributeFlags } from '../device/constants.ts';
import type { ReportBody } from '../device/report-body.ts';
import { applyMask, equalUnderMask } from './masked-hex.ts';

/**
 * Verifies that the report is of the quoting enclave that the identity describes, and of a production one: an enclave
 * in debug mode has no secrets, so its word is worth nothing.
 * @throws {TeeError} ERR_QE_IDENTITY_MISMATCH
 */
export function requireQeIdentity(report: ReportBody, identity: QeIdentity, tee: 'sgx' | 'tdx'): void {
  const miscSelect = littleEndianHex32(report.miscSelect);
  const attributes = littleEndianHex64(report.attributes.flags) + littleEndianHex64(report.attributes.xfrm);
  const { miscSelectMask, attributesMask } = identity;
  requireEqual('kind', tee === 'tdx' ? 'TD_QE' : 'QE', identity.id);
  requireEqual('MRSIGNER', identity.mrSigner, toHex(report.mrSigner));
  requireEqual('ISVPRODID', String(identity.isvProdId), String(report.isvProdId));
  if (!equalUnderMask(miscSelect, identity.miscSelect, miscSelectMask)) {
    throw mismatch('MISCSELECT', applyMask(identity.miscSelect, miscSelectMask), applyMask(miscSelect, miscSelectMask));
  }
  if (!equalUnderMask(attributes, identity.attributes, attributesMask)) {
    throw mismatch('ATTRIBUTES', applyMask(identity.attributes, attributesMask), applyMask(attributes, attributesMask));
  }
  if ((report.attributes.flags & attributeFlags.debug) !== 0n) throw mismatch('DEBUG', 'off', 'on');
}

/**
 * The level of something that has an ISVSVN: the first, from the highest down, that is reached.
 * @throws {TeeError} ERR_TCB_LEVEL_NOT_FOUND
 */
export function findIsvSvnLevel(levels: readonly IsvSvnLevel[], isvSvn: number, what: string): IsvSvnLevel {
  const level = levels.find((candidate) => candidate.isvSvn <= isvSvn);
  if (level) return level;
  throw new TeeError('ERR_TCB_LEVEL_NOT_FOUND', `${what} is below every level of its identity.`, {
    expected: `at least ISVSVN ${levels.at(-1)?.isvSvn}`,
    actual: `ISVSVN ${isvSvn}`,
  });
}

function requireEqual(field: string, expected: string, actual: string): void {
  if (expected !== actual) throw mismatch(field, expected, actual);
}

function mismatch(field: string, expected: string, actual: string): TeeError {
  return new TeeError('ERR_QE_IDENTITY_MISMATCH', `The quoting enclave has another ${field} than its identity.`, {
    expected,
    actual,
  });
}
