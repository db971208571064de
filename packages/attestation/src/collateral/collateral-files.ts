import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';

/** Names of the parts of collateral in files, as the DCAP quote verification library spells its structure. */
const partNames = {
  tcb_info: 'tcbInfo',
  tcb_info_signature: 'tcbInfoSignature',
  tcb_info_issuer_chain: 'tcbInfoIssuerChain',
  qe_identity: 'qeIdentity',
  qe_identity_signature: 'qeIdentitySignature',
  qe_identity_issuer_chain: 'qeIdentityIssuerChain',
  pck_crl: 'pckCrl',
  pck_crl_issuer_chain: 'pckCrlIssuerChain',
  root_ca_crl: 'rootCaCrl',
  pck_certificate_chain: 'pckCertificateChain',
} as const satisfies Record<string, keyof Collateral>;

/** One of the part names, e.g. `tcb_info`. */
export type CollateralPartName = keyof typeof partNames;

/** Every part name, without extensions. */
export const collateralPartNames: readonly CollateralPartName[] = Object.keys(partNames).filter(isPartName);

/**
 * Collateral from parts by name. Names that are no part (`trusted_root`, `quote`, …) are left alone; an extension
 * (`pck_crl.der`) does not matter. Nothing is parsed or verified.
 * @throws {TeeError} ERR_COLLATERAL_FORMAT when a required part is missing or a part is there twice
 */
export function collateralFromFiles(files: Readonly<Record<string, Uint8Array>>): Collateral {
  const parts: Partial<Record<keyof Collateral, Uint8Array>> = {};
  for (const [name, bytes] of Object.entries(files)) {
    const [stem = ''] = name.split('.');
    if (!isPartName(stem)) continue;
    if (parts[partNames[stem]]) throw new TeeError('ERR_COLLATERAL_FORMAT', `The part ${stem} is there twice.`);
    parts[partNames[stem]] = bytes;
  }
  const { tcbInfo, tcbInfoIssuerChain, qeIdentity, qeIdentityIssuerChain, ...rest } = parts;
  if (!tcbInfo || !tcbInfoIssuerChain || !qeIdentity || !qeIdentityIssuerChain) {
    throw new TeeError('ERR_COLLATERAL_FORMAT', 'A required part of the collateral is missing.', {
      expected: 'tcb_info, tcb_info_issuer_chain, qe_identity and qe_identity_issuer_chain',
      actual: Object.keys(files).join(', ').slice(0, 500),
    });
  }
  return { tcbInfo, tcbInfoIssuerChain, qeIdentity, qeIdentityIssuerChain, ...rest };
}

/** The parts of collateral by name: what {@link collateralFromFiles} reads back. */
export function collateralToFiles(collateral: Collateral): Partial<Record<CollateralPartName, Uint8Array>> {
  const files: Partial<Record<CollateralPartName, Uint8Array>> = {};
  for (const name of collateralPartNames) {
    const bytes = collateral[partNames[name]];
    if (bytes) files[name] = bytes;
  }
  return files;
}

function isPartName(name: string): name is CollateralPartName {
  return Object.hasOwn(partNames, name);
}
