export { EnclaveCalls } from './enclave-calls.ts';
export { policyWarnings } from './policy-warnings.ts';
export { TeeClient, type TeeClientOptions } from './tee-client.ts';
export { HostLinkTransport } from './transport/host-link.ts';
export { HttpTransport, type HttpTransportOptions } from './transport/http.ts';
export type { Transport } from './transport/transport.ts';
export { ephemeralUserKey, signInTo, type UserKey, userKeyFromSeed } from './user-key.ts';
export { type Judgement, type VerifiedEnclave, verifyEnclave } from './verify-enclave.ts';
