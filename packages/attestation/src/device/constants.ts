/** Length of sgx_target_info_t. */
export const targetInfoSize = 512;
/** Length of sgx_report_data_t. */
export const reportDataSize = 64;
/** Length of sgx_report_body_t. */
export const reportBodySize = 384;
/** Length of sgx_report_t: body, key id, MAC. */
export const reportSize = 432;
/** Length of sgx_key_request_t. */
export const keyRequestSize = 512;
/** Length of a key that EGETKEY gives. */
export const keySize = 16;

/** KEYNAME of EGETKEY (SDM Vol 3D, "EGETKEY"). An enclave of ours only ever asks for `seal`. */
export const keyNames = { einitToken: 0, provision: 1, provisionSeal: 2, report: 3, seal: 4 } as const;

/** KEYPOLICY bits of EGETKEY. The three with an ID need an enclave built with KSS. */
export const keyPolicies = {
  mrEnclave: 0x01,
  mrSigner: 0x02,
  noIsvProdId: 0x04,
  configId: 0x08,
  isvFamilyId: 0x10,
  isvExtProdId: 0x20,
} as const;

/** ATTRIBUTES.FLAGS bits (SDM Vol 3D, "ATTRIBUTES"). */
export const attributeFlags = {
  init: 0x01n,
  debug: 0x02n,
  mode64bit: 0x04n,
  provisionKey: 0x10n,
  einitTokenKey: 0x20n,
  kss: 0x80n,
} as const;

/**
 * The attribute masks that Occlum itself uses for sealing: every security-relevant flag, the reserved high ones
 * included, but not features a later CPU may add. Source: occlum-contract §4.3.
 */
export const sealingMasks = { flags: 0xff00_0000_0000_000bn, xfrm: 0n, miscSelect: 0xf000_0000 } as const;
