export { parseEnvelope, type SealEnvelope, type SealHeader } from './envelope.ts';
export type { SealKeyRequest, SealKeySource, SealPolicy } from './key-source.ts';
export { maxSealBytes, Sealer, type SealOptions, type Unsealed } from './sealer.ts';
