/**
 * The 64 bytes that quotes of the enclave carry. Everything an enclave ever commits to is SHA-512 over a canonical
 * CBOR array whose first element is a label, so a quote made for one purpose can never pass for one of another: a
 * user who may have bytes of their choice quoted cannot have a channel key of their choice quoted.
 */
import { encodeClaims, reportDataFor } from '@neo-service-layer/attestation/evidence';
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical } from '@neo-service-layer/tee-interface/cbor';

/** Label of the claims of an enclave that offers a channel. */
export const channelClaimsLabel = 'tee-channel/1 evidence';

/** Label of the claims of a quote over bytes of a user's choice. */
export const userReportLabel = 'tee-report/1';

/** What an enclave commits to when it offers a channel. Unverified until a quote's reportData was compared with it. */
export interface ChannelClaims {
  /** Ed25519 public key (32 bytes) that exists only in the memory of this boot of this enclave. */
  identityKey: Uint8Array;
  /** Cipher suites offered, see {@link suites}. */
  suites: number[];
  /** Lowest protocol version spoken; part of the quote, so the host cannot talk two new ends down to an old version. */
  minVersion: number;
  /** SHA-256 (32 bytes) over the configuration the runtime started with. */
  configHash: Uint8Array;
  /** Random (16 bytes), new at every start. */
  bootId: Uint8Array;
  /** Unix seconds by the enclave's clock, which the host sets: a bound on honest hosts, no protection from others. */
  notAfter: number;
  /** Bytes a client asked to have in the quote (at most 64); empty otherwise. */
  nonce: Uint8Array;
}

/** The bytes that travel as `claims` in the evidence. */
export function encodeChannelClaims(claims: ChannelClaims): Uint8Array {
  const { identityKey, suites, minVersion, configHash, bootId, notAfter, nonce } = claims;
  return encodeClaims(channelClaimsLabel, identityKey, suites, minVersion, configHash, bootId, notAfter, nonce);
}

/** Reads {@link encodeChannelClaims}'s bytes; trusts nothing. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function parseChannelClaims(bytes: Uint8Array): ChannelClaims {
  const fields = decodeCanonical(bytes);
  if (!Array.isArray(fields) || fields.length !== 8 || fields[0] !== channelClaimsLabel) throw malformed('the label');
  const [, identityKey, suites, minVersion, configHash, bootId, notAfter, nonce] = fields;
  if (!isBytes(identityKey, 32)) throw malformed('identityKey');
  if (!Array.isArray(suites) || suites.length === 0 || !suites.every(isCount)) throw malformed('suites');
  if (!isCount(minVersion)) throw malformed('minVersion');
  if (!isBytes(configHash, 32)) throw malformed('configHash');
  if (!isBytes(bootId, 16)) throw malformed('bootId');
  if (!isCount(notAfter)) throw malformed('notAfter');
  if (!(nonce instanceof Uint8Array) || nonce.length > 64) throw malformed('nonce');
  return { identityKey, suites, minVersion, configHash, bootId, notAfter, nonce };
}

/** The reportData (64 bytes) of a quote that commits to these claims. @throws {TeeError} ERR_CBOR for bytes without a label */
export function channelReportData(claims: Uint8Array): Promise<Uint8Array> {
  return reportDataFor(claims);
}

/** The claims of a quote over bytes of a user's choice, as they stand in an evidence document. */
export function userReportClaims(bytes: Uint8Array): Uint8Array {
  return encodeClaims(userReportLabel, bytes);
}

/** The reportData (64 bytes) of a quote that commits to bytes of a user's choice. */
export function userReportData(bytes: Uint8Array): Promise<Uint8Array> {
  return reportDataFor(userReportClaims(bytes));
}

function isBytes(value: CborValue | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

function isCount(value: CborValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function malformed(field: string): TeeError {
  return new TeeError('ERR_CHANNEL_PROTOCOL', `The enclave's claims are malformed: ${field}.`, {
    expected: channelClaimsLabel,
    hint: 'The two ends speak different versions, or the host changed the claims.',
  });
}
