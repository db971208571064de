import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';

/** Order of the parts in `sgx_ql_qve_collateral_t` (sgx_qve_header.h of Intel's DCAP). */
const order = [
  'pckCrlIssuerChain',
  'rootCaCrl',
  'pckCrl',
  'tcbInfoIssuerChain',
  'tcbInfo',
  'qeIdentityIssuerChain',
  'qeIdentity',
] as const satisfies readonly (keyof Collateral)[];

/** Major versions that have this layout. */
const majorVersions: readonly number[] = [1, 3, 4];

/**
 * Reads collateral out of the memory image of `sgx_ql_qve_collateral_t`, as Intel's quote provider returns it and Open
 * Enclave stores it as endorsement: version, TEE type, seven pairs of pointer and size (64-bit, little-endian), then
 * the parts one after the other. The pointers are of another process and are not looked at.
 *
 * Nothing is verified; empty parts are left out.
 * @throws {TeeError} ERR_COLLATERAL_FORMAT
 */
export function parseQveCollateral(bytes: Uint8Array): Collateral {
  const cursor = new ByteCursor(ownedCopy(bytes), 'ERR_COLLATERAL_FORMAT');
  const version = cursor.u16('the major version');
  cursor.u16('the minor version');
  cursor.u32('the TEE type');
  if (!majorVersions.includes(version)) throw malformed('is of an unknown version', String(version));
  const sizes = order.map((name) => {
    cursor.take(8, `the pointer of ${name}`);
    const size = cursor.u32(`the size of ${name}`);
    if (cursor.u32(`the size of ${name}`) !== 0) throw malformed('has a part of an absurd size', name);
    return size;
  });
  const parts = order.map((name, i) => cursor.take(sizes[i] ?? 0, name));
  if (cursor.remaining > 0) throw malformed('is longer than its parts', `${cursor.remaining} bytes more`);
  const [pckCrlIssuerChain, rootCaCrl, pckCrl, tcbInfoIssuerChain, tcbInfo, qeIdentityIssuerChain, qeIdentity] = parts;
  if (!tcbInfo || !tcbInfoIssuerChain || !qeIdentity || !qeIdentityIssuerChain) throw malformed('is incomplete', '');
  return {
    tcbInfo,
    tcbInfoIssuerChain,
    qeIdentity,
    qeIdentityIssuerChain,
    ...(pckCrlIssuerChain?.length ? { pckCrlIssuerChain } : {}),
    ...(rootCaCrl?.length ? { rootCaCrl } : {}),
    ...(pckCrl?.length ? { pckCrl } : {}),
  };
}

function malformed(what: string, actual: string): TeeError {
  return new TeeError('ERR_COLLATERAL_FORMAT', `The collateral structure ${what}.`, { actual });
}
