import type { SgxClaims, TdxClaims, VerifiedClaims } from '@neo-service-layer/tee-interface';
import { littleEndianHex32, littleEndianHex64, toHex } from '../bytes/hex.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { attributeFlags } from '../device/constants.ts';
import type { QuoteBody, SgxQuoteBody, TdQuoteBody } from '../quote/quote.ts';
import type { PckExtension } from '../x509/pck-extension.ts';

/** Puts what quote and PCK certificate say into the form of a verdict. The caller has verified both. */
export function toClaims(body: QuoteBody, pck: PckExtension): VerifiedClaims {
  return body.kind === 'sgx' ? sgxClaims(body, pck) : tdxClaims(body, pck);
}

function sgxClaims(body: SgxQuoteBody, pck: PckExtension): SgxClaims {
  const { flags, xfrm } = body.attributes;
  return {
    tee: 'sgx',
    mrEnclave: toHex(body.mrEnclave),
    mrSigner: toHex(body.mrSigner),
    isvProdId: body.isvProdId,
    isvSvn: body.isvSvn,
    attributes: littleEndianHex64(flags),
    xfrm: littleEndianHex64(xfrm),
    miscSelect: littleEndianHex32(body.miscSelect),
    debug: (flags & attributeFlags.debug) !== 0n,
    reportData: ownedCopy(body.reportData),
    configId: toHex(body.configId),
    configSvn: body.configSvn,
    isvFamilyId: toHex(body.isvFamilyId),
    isvExtProdId: toHex(body.isvExtProdId),
    reportCpuSvn: toHex(body.cpuSvn),
    ...platformClaims(pck),
  };
}

function tdxClaims(body: TdQuoteBody, pck: PckExtension): TdxClaims {
  return {
    tee: 'tdx',
    mrTd: toHex(body.mrTd),
    rtmrs: body.rtmrs.map(toHex),
    mrConfigId: toHex(body.mrConfigId),
    mrOwner: toHex(body.mrOwner),
    mrOwnerConfig: toHex(body.mrOwnerConfig),
    mrSeam: toHex(body.mrSeam),
    mrSignerSeam: toHex(body.mrSignerSeam),
    seamAttributes: toHex(body.seamAttributes),
    tdAttributes: toHex(body.tdAttributes),
    xfam: toHex(body.xfam),
    // The whole TUD group (byte 0): any of its bits makes the TD untrusted for debugging (TDX Module spec, ATTRIBUTES).
    debug: body.tdAttributes[0] !== 0,
    reportData: ownedCopy(body.reportData),
    teeTcbSvn: toHex(body.teeTcbSvn),
    teeTcbSvn2: body.kind !== 'td10' ? toHex(body.teeTcbSvn2) : null,
    mrServiceTd: body.kind !== 'td10' ? toHex(body.mrServiceTd) : null,
    ...platformClaims(pck),
  };
}

function platformClaims(pck: PckExtension) {
  return {
    fmspc: toHex(pck.fmspc),
    pceId: toHex(pck.pceId),
    ppid: toHex(pck.ppid),
    pceSvn: pck.pceSvn,
    cpuSvn: toHex(pck.cpuSvn),
    platformInstanceId: pck.platformInstanceId ? toHex(pck.platformInstanceId) : null,
  };
}
