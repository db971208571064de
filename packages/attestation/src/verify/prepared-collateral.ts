import type { VerdictCheck } from '@neo-service-layer/tee-interface';
import type { QeIdentity } from '../collateral/qe-identity.ts';
import type { TcbInfo } from '../collateral/tcb-info.ts';
import type { RevocationList } from '../x509/revocation-list.ts';
import type { PckPath } from './pck-path.ts';
import type { SignatureChecker } from './signature-checker.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import type { ValidityWindow } from './validity-window.ts';

/** What a {@link PreparedCollateral} is made of. */
export interface PreparedParts {
  /** What was checked, in order. A check that failed makes every verdict fail that uses this collateral. */
  checks: readonly VerdictCheck[];
  /** What remains to be checked against the time of each verification. */
  windows: readonly ValidityWindow[];
  /** The one root that signed the collateral, or all that were offered when none did. */
  anchors: readonly TrustAnchor[];
  revocation: 'required' | 'skip';
  /** Null when it failed a check. */
  tcbInfo: TcbInfo | null;
  /** Null when it failed a check. */
  qeIdentity: QeIdentity | null;
  /** Null when it failed a check, or was skipped. */
  rootCaCrl: RevocationList | null;
  /** Read but not verified: the CA that signed it comes with the quote. */
  pckCrl: RevocationList | null;
  /** DER certificates for quotes that carry none. */
  pckCertificates: readonly Uint8Array[];
  signatures: SignatureChecker;
  /** Paths that held, by the bytes of the chain. */
  pckPaths: Map<string, PckPath>;
}

/**
 * Collateral of which everything was checked that depends neither on a quote nor on the time: containers, formats,
 * chains, signatures, revocation of the signers. Only `prepareCollateral` makes one. It can serve any number of
 * verifications; each checks the times again.
 */
export class PreparedCollateral {
  readonly parts: Readonly<PreparedParts>;

  /** Not for callers: use `prepareCollateral`. */
  constructor(parts: PreparedParts) {
    this.parts = Object.freeze({ ...parts });
  }

  /** When the first thing in it expires (unix seconds); null when there is nothing dated in it. */
  get validUntil(): number | null {
    const { windows } = this.parts;
    return windows.length === 0 ? null : Math.min(...windows.map(({ until }) => until));
  }
}
