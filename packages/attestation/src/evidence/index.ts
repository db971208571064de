export { buildEvidence, type CollateralSource, type EvidenceParts, type QuoteSource } from './build-evidence.ts';
export { type CheckedEvidence, checkEvidence, type EvidenceOptions } from './check-evidence.ts';
export { encodeClaims, readClaimsLabel, reportDataFor } from './report-data-for.ts';
