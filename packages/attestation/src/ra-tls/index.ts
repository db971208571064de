export type { P256KeyPair } from '../crypto/backend.ts';
export { type CreateRaTlsOptions, createRaTlsCertificate, type RaTlsIdentity } from './create-ra-tls-certificate.ts';
export { encodeEndorsements, parseEndorsements } from './endorsements.ts';
export type { RaTlsEvidence } from './find-evidence.ts';
export { parseRaTlsCertificate, type UnverifiedRaTlsCertificate } from './parse-ra-tls-certificate.ts';
export { parseRaTlsClaims, type RaTlsClaims } from './ra-tls-claims.ts';
export { type RaTlsForm, raTlsForms } from './ra-tls-form.ts';
export type { RaTlsVerdict, VerifiedRaTls } from './ra-tls-verdict.ts';
export {
  type CollateralChoice,
  type RaTlsDemands,
  type VerifyRaTlsOptions,
  verifyRaTlsCertificate,
} from './verify-ra-tls-certificate.ts';
