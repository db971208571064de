import type {
  AttestationMode,
  TcbComponent,
  TcbStatus,
  VerdictCheck,
  VerifiedClaims,
} from '@neo-service-layer/tee-interface';
import type { UnverifiedQuote } from '../quote/quote.ts';
import type { Shortfall } from '../tcb/shortfall.ts';

/**
 * What verification found out, before any policy: is the quote genuine and the collateral fresh, what does the quote
 * claim, and how does Intel rate the platform. It judges neither identity nor status nor debug mode: `appraise` does.
 */
export interface Verification {
  /** Every check held: the quote is genuine and `status` is what Intel says of its platform at this time. */
  ok: boolean;
  /** Null unless `ok`. */
  status: TcbStatus | null;
  statusBy: Record<TcbComponent, TcbStatus | null>;
  /** Whose root the PCK chain reached; null when it reached none. */
  mode: AttestationMode | null;
  checks: readonly VerdictCheck[];
  /** Each advisory once for each component it concerns. */
  advisories: readonly { id: string; by: TcbComponent }[];
  tcbDate: string | null;
  /** Which security versions are too low to be up to date; also when no level was met. Empty without genuine claims. */
  shortfall: readonly Shortfall[];
  /** tcbEvaluationDataNumber of the two documents; they may differ. */
  evaluationDataNumbers: { tcbInfo: number | null; qeIdentity: number | null };
  /** Null unless the whole path from the anchor through PCK certificate and quoting enclave to the quote held. */
  claims: VerifiedClaims | null;
  /** The quote as read, null when it could not be; still unverified when `claims` is null. */
  quote: UnverifiedQuote | null;
  /** When the first thing that was used expires (unix seconds). */
  validUntil: number | null;
}
