import type { DistinguishedName } from '../der/certificate.ts';

/**
 * Names of the simulated PKI. Verifiers look for "SGX Root CA", "CA", "SGX PCK Certificate" and "SGX TCB Signing" in
 * them; a person must see that none of it is Intel's.
 */
function simulated(role: string): DistinguishedName {
  return {
    commonName: `SIMULATED ${role}`,
    organization: 'SGX simulator, not Intel, protects nothing',
    locality: 'Nowhere',
    state: 'NA',
    country: 'ZZ',
  };
}

export const rootName: DistinguishedName = simulated('SGX Root CA');
export const platformCaName: DistinguishedName = simulated('SGX PCK Platform CA');
export const pckName: DistinguishedName = simulated('SGX PCK Certificate');
export const tcbSigningName: DistinguishedName = simulated('SGX TCB Signing');

/** FMSPC of every simulated machine: "SIM" and zeros. */
export const simulatedFmspc: Uint8Array = Uint8Array.of(0x53, 0x49, 0x4d, 0, 0, 0);

/** PCEID of every simulated machine. */
export const simulatedPceId: Uint8Array = Uint8Array.of(0, 0);
