export { OcclumAttestationProvider, type ProviderOptions } from './occlum-attestation-provider.ts';
export type { QuotingService, RetrySchedule } from './quoting-service.ts';
