export { type Aead, aeadLengths, requireNoTables } from './aead/aead.ts';
export { nodeAes256Gcm, nodeChaCha20Poly1305 } from './aead/node-aead.ts';
export type { BlobBinding, CipherOptions } from './blob/blob-cipher.ts';
export {
  BlobSealer,
  type BlobSealOptions,
  maxSealBytes,
  type OpenedBlob,
  type ResultOptions,
} from './blob/blob-sealer.ts';
export { type ByteSource, SealedReader } from './blob/sealed-reader.ts';
export { type BlobDescription, describeBlob } from './describe-blob.ts';
export { parseEnvelope, type SealEnvelope } from './format/envelope.ts';
export type { DeviceRecipient, KeyringRecipient, ParsedHeader, SealHeader } from './format/header.ts';
export type { AnchorEntry, FreshnessAnchor } from './freshness/freshness-anchor.ts';
export { ProcessAnchor } from './freshness/process-anchor.ts';
export {
  type ApprovalRule,
  encodeSignedApproval,
  type GrantApproval,
  parseSignedApproval,
  requireApproval,
  type SignedApproval,
  signApproval,
} from './grant/approval.ts';
export { type Grant, GrantReceiver, type GrantTrust, grantKeyring } from './grant/grant-keyring.ts';
export { makeRecovery, openRecoveryShare, type RecoveryRule, recoverKeyring } from './grant/recovery.ts';
export { RecoveryReceiver, type RecoveryTrust, sealRecoveryShare } from './grant/recovery-request.ts';
export type { SecretShare } from './grant/secret-sharing.ts';
export { type Generation, Keyring, type KeyringOptions } from './keyring/keyring.ts';
export { KeyringFile, type KeyringFileOptions, type OpenedKeyring } from './keyring/keyring-file.ts';
export type { KeyringPolicy } from './keyring/keyring-policy.ts';
export type { BlobKeys, OpeningKey, SealingKey } from './keys/blob-keys.ts';
export { DeviceKeys, type DeviceKeysOptions, type SvnFloor } from './keys/device-keys.ts';
export type { SealKeyRequest, SealKeySource, SealPolicy } from './keys/key-source.ts';
export { Sealer, type SealerOptions, type SealOptions, type Unsealed } from './sealer.ts';
export type { BlobChange, HostBlobStore } from './store/host-blob-store.ts';
export { SealedStore } from './store/sealed-store.ts';
export type { SealedStoreOptions } from './store/store-options.ts';
export type { StoreTransaction } from './store/store-transaction.ts';
export type { Commit, Freshness, ReadOptions, StoreChange, StoredValue } from './store/stored-value.ts';
export type { Padding } from './store/value-plaintext.ts';
export { HttpWitnessAnchor, type HttpWitnessOptions } from './witness/http-witness-anchor.ts';
