import type { OcclumAttestationProvider } from '@neo-service-layer/attestation/provider';
import { decodeCall, encodeOutcome, isTeeError, type KeyringInfo, TeeError } from '@neo-service-layer/tee-interface';
import type { PlainValue } from '@neo-service-layer/tee-interface/cbor';
import * as z from 'zod';
import type { EnclaveKeyring } from './enclave-keyring.ts';
import type { KeyringHandOver } from './keyring-hand-over.ts';
import type { KeyringRecovery } from './keyring-recovery.ts';

/** A quote with the claims that it commits to. The host adds collateral to make evidence of it. */
export interface QuotedClaims {
  quote: Uint8Array;
  claims: Uint8Array;
}

/** Makes quotes of the enclave over claims. */
export type QuoteClaims = (claims: Uint8Array) => Promise<QuotedClaims>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const nothing = z.strictObject({});

/**
 * What the host may ask about the keyring. All of it is public and none of it is trusted: documents prove themselves or
 * are refused. What is left to the host is what it can do anyway by withholding the file: have a new keyring made, or
 * have this one rotated.
 */
const parameters = {
  /** What the enclave's keyring is. */
  status: nothing,
  /** Evidence of this enclave that asks for a keyring. The request before is void then. */
  request: nothing,
  /** Gives the keyring to the enclave whose evidence this is. */
  grant: z.strictObject({ approval: bytes, evidence: bytes }),
  /** Takes the keyring that was given for the last request. */
  accept: z.strictObject({ document: bytes, evidence: bytes }),
  /** A new generation. */
  rotate: nothing,
  /** A new keyring in the place of one that cannot be opened. */
  renew: nothing,
  /** The keyring's recovery document as it is now. */
  makeRecovery: nothing,
  /** Evidence of this enclave that asks the holders of recovery keys. The request before is void then. */
  requestRecovery: nothing,
  /** Recovers the keyring from the document with the shares that holders sealed for the last request. */
  recover: z.strictObject({ document: bytes, shares: z.array(bytes).max(64) }),
} as const;

type CallName = keyof typeof parameters;
type Calls = { [Name in CallName]: (input: z.infer<(typeof parameters)[Name]>) => Promise<PlainValue> };

/** Answers calls about the keyring; never rejects. A call and its outcome are encoded as those of the method table. */
export function keyringCalls(parts: {
  keyring: EnclaveKeyring;
  handOver: KeyringHandOver;
  recovery: KeyringRecovery;
}): (body: Uint8Array) => Promise<Uint8Array> {
  const { keyring, handOver, recovery } = parts;
  const status = async (): Promise<PlainValue> => plain(await keyring.info());
  const calls: Calls = {
    status,
    request: async () => plain(await handOver.request()),
    grant: async (input) => plain(await handOver.grant(input)),
    accept: (input) => handOver.accept(input).then(status),
    rotate: () => keyring.rotate().then(status),
    renew: () => keyring.renew().then(status),
    makeRecovery: async () => plain(await recovery.make()),
    requestRecovery: async () => plain(await recovery.request()),
    recover: (input) => recovery.recover(input).then(status),
  };
  return async (body) => {
    try {
      const { method, params } = decodeCall(body);
      if (!isCallName(method)) throw new TeeError('ERR_UNKNOWN_METHOD', 'There is no such call about the keyring.');
      return encodeOutcome({ ok: true, result: await invoke(calls, method, params) });
    } catch (error) {
      const known = isTeeError(error) ? error : new TeeError('ERR_INTERNAL', 'The enclave failed to answer.');
      return encodeOutcome({ ok: false, error: known.toJSON() });
    }
  };
}

function invoke<Name extends CallName>(calls: Calls, name: Name, params: unknown): Promise<PlainValue> {
  const parsed = parameters[name].safeParse(params);
  if (!parsed.success)
    throw new TeeError('ERR_INVALID_ARGUMENT', `The parameters of ${name} are not the documented ones.`);
  return calls[name](parsed.data as Parameters<Calls[Name]>[0]);
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(parameters, name);
}

function plain(value: KeyringInfo | QuotedClaims | (QuotedClaims & { document: Uint8Array })): PlainValue {
  return { ...value } as PlainValue;
}

/** Quotes over claims, by the enclave's attestation. */
export function quoteClaimsWith(
  provider: OcclumAttestationProvider,
  reportDataFor: (claims: Uint8Array) => Promise<Uint8Array>,
): QuoteClaims {
  return async (claims) => ({ quote: await provider.quote(await reportDataFor(claims)), claims });
}
