import { TeeError } from '@neo-service-layer/tee-interface';
import { toHex } from '../bytes/hex.ts';
import type { IsvSvnLevel, TcbInfo, TdxModuleIdentity } from '../collateral/tcb-info.ts';
import type { TdQuoteBody } from '../quote/quote.ts';
import { applyMask, equalUnderMask } from './masked-hex.ts';
import { findIsvSvnLevel } from './qe-level.ts';

/**
 * Verifies that the TDX module is the one TCB info describes, and finds its level (PCS API v4, "TDX Module identity").
 * TEE_TCB_SVN[1] is the module's version: zero means the old module, which has no levels of its own and is judged with
 * the platform; otherwise the identity `TDX_<version in hex>` must exist, and TEE_TCB_SVN[0] is the ISVSVN.
 *
 * @param teeTcbSvn the SVNs of the module to judge: TEE_TCB_SVN or TEE_TCB_SVN_2
 * @returns null for a module without levels of its own
 * @throws {TeeError} ERR_TDX_MODULE_MISMATCH, ERR_TCB_LEVEL_NOT_FOUND
 */
export function rateTdxModule(body: TdQuoteBody, teeTcbSvn: Uint8Array, info: TcbInfo): IsvSvnLevel | null {
  const [isvSvn = 0, version = 0] = teeTcbSvn;
  if (version === 0) {
    if (!info.tdxModule) throw new TeeError('ERR_TDX_MODULE_MISMATCH', 'The TCB info describes no TDX module.');
    requireModule(body, info.tdxModule);
    return null;
  }
  const identity = findTdxModuleIdentity(teeTcbSvn, info);
  if (!identity) {
    throw new TeeError('ERR_TDX_MODULE_MISMATCH', 'The TCB info does not know this version of the TDX module.', {
      expected: info.tdxModuleIdentities.map((known) => known.id).join(', '),
      actual: moduleId(version),
    });
  }
  requireModule(body, identity);
  return findIsvSvnLevel(identity.levels, isvSvn, `The TDX module ${identity.id}`);
}

/** The identity of the module's version; null for an unknown version and for a module without one. */
export function findTdxModuleIdentity(teeTcbSvn: Uint8Array, info: TcbInfo): TdxModuleIdentity | null {
  const id = moduleId(teeTcbSvn[1] ?? 0);
  return info.tdxModuleIdentities.find((candidate) => candidate.id === id) ?? null;
}

function moduleId(version: number): string {
  return `TDX_${version.toString(16).padStart(2, '0').toUpperCase()}`;
}

function requireModule(
  body: TdQuoteBody,
  identity: { mrSigner: string; attributes: string; attributesMask: string },
): void {
  const signer = toHex(body.mrSignerSeam);
  if (signer !== identity.mrSigner) {
    throw new TeeError('ERR_TDX_MODULE_MISMATCH', 'The TDX module has another signer than TCB info says.', {
      expected: identity.mrSigner,
      actual: signer,
    });
  }
  const attributes = toHex(body.seamAttributes);
  const { attributesMask } = identity;
  // Outside of the mask SEAMATTRIBUTES must be zero: nothing is known that could be set there.
  const isKnown = applyMask(attributes, attributesMask) === attributes;
  if (!isKnown || !equalUnderMask(attributes, identity.attributes, attributesMask)) {
    throw new TeeError('ERR_TDX_MODULE_MISMATCH', 'SEAMATTRIBUTES of the TDX module are not those of TCB info.', {
      expected: applyMask(identity.attributes, attributesMask),
      actual: attributes,
    });
  }
}
