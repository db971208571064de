import * as z from 'zod';
import { isTeeErrorCode, type TeeErrorCode } from '../errors/codes.ts';
import { hex } from './hex-schema.ts';

/** One generation of a keyring's data keys, without the key. */
export interface KeyringGeneration {
  generation: number;
  /** Seconds since 1970, by the host's clock. */
  created: number;
  /** `active` seals and opens, `decrypt-only` opens, `destroyed` does neither. */
  state: 'active' | 'decrypt-only' | 'destroyed';
}

/**
 * The keyring that an enclave seals with. The host keeps its sealed file and can withhold it: the enclave then makes a
 * new keyring, whose id is another one. Whoever depends on data of before compares the id.
 */
export interface KeyringInfo {
  /**
   * Where it came from in this boot: `opened` from the host's copy, `created` because the host had none, `granted` by
   * another enclave, `recovered` by holders of recovery keys; `none` when there is one that cannot be opened
   * (see `refusal`): nothing is sealed with a keyring then.
   */
  origin: 'opened' | 'created' | 'granted' | 'recovered' | 'none';
  /** False when the host keeps nothing for the enclave: the keyring and what it sealed are lost with this boot. */
  kept: boolean;
  /** 32 lower-case hex digits; stands in every blob. Null when there is none. */
  id: string | null;
  /** Who may use it. Null when there is none. */
  policy: KeyringPolicyInfo | null;
  /** The generation that seals. Null when there is none. */
  generation: number | null;
  generations: KeyringGeneration[];
  /** How often it was saved. Null when there is none. */
  epoch: number | null;
  /** True when the host's copy was wrapped at an older security version and was wrapped again at this start. */
  rewrapped: boolean;
  /** True when it should have been wrapped again and the host did not take the new copy. */
  resealNeeded: boolean;
  /** `none`: an older copy of the same keyring opens just as well. */
  freshness: 'none' | 'process' | 'external';
  /** Why the host's copy cannot be used. */
  refusal: { code: TeeErrorCode; message: string } | null;
}

/** Who may use a keyring; see `KeyringPolicy` of sealing. */
export interface KeyringPolicyInfo {
  kind: 'enclave' | 'signer' | 'grant';
  /** Ed25519 public keys of those who may approve that it is handed over, hex; none but for `grant`. */
  approvers: string[];
  /** How many of them must sign; 0 but for `grant`. */
  threshold: number;
}

const count = z.int().min(0);

/** Validates {@link KeyringInfo}. */
export const keyringInfoSchema: z.ZodType<KeyringInfo> = z.strictObject({
  origin: z.enum(['opened', 'created', 'granted', 'recovered', 'none']),
  kept: z.boolean(),
  id: hex(16).nullable(),
  policy: z
    .strictObject({
      kind: z.enum(['enclave', 'signer', 'grant']),
      approvers: z.array(hex(32)).max(32),
      threshold: count,
    })
    .nullable(),
  generation: count.nullable(),
  generations: z.array(
    z.strictObject({ generation: count, created: count, state: z.enum(['active', 'decrypt-only', 'destroyed']) }),
  ),
  epoch: count.nullable(),
  rewrapped: z.boolean(),
  resealNeeded: z.boolean(),
  freshness: z.enum(['none', 'process', 'external']),
  refusal: z.strictObject({ code: z.custom<TeeErrorCode>(isTeeErrorCode), message: z.string() }).nullable(),
});
