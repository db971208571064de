import { acceptableStatuses } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const keys = z.array(hex(32)).min(1).max(32);
const threshold = z.int().min(1).max(32);
const isReachable = (rule: { threshold: number; keys: readonly string[] }) =>
  rule.threshold <= rule.keys.length && new Set(rule.keys).size === rule.keys.length;

/** How the measured file of an image looks. Strict: a member that nobody knows is a mistake, and it would be measured. */
export const keyringConfigurationSchema = z.strictObject({
  /**
   * Who may use the keyring. `enclave`: this image on this CPU, for ever. `signer`: every enclave of the same signer on
   * this CPU. `grant`: this image, and those that enough approvers (Ed25519 public keys, hex) sign for.
   */
  policy: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('enclave') }),
      z.strictObject({ kind: z.literal('signer') }),
      z.strictObject({ kind: z.literal('grant'), approvers: keys, threshold }),
    ])
    .refine(
      (policy) => policy.kind !== 'grant' || isReachable({ threshold: policy.threshold, keys: policy.approvers }),
      'as many different approvers as must sign',
    ),
  /** Holders (X25519 public keys, hex) who can recover the keyring together. They can read everything. */
  recovery: z
    .strictObject({ holders: keys, threshold })
    .refine((rule) => isReachable({ threshold: rule.threshold, keys: rule.holders }), 'as many different holders')
    .optional(),
  /** By what the platform of the other enclave of a hand-over is judged, beside Intel's root. */
  peers: z
    .strictObject({
      /** TCB statuses that are good enough for the other machine. Default: those of any policy. */
      acceptedStatuses: z.array(z.enum(acceptableStatuses)).min(1).optional(),
      /** Accept simulated platforms. They protect nothing: only for development. */
      allowSimulation: z.boolean().optional(),
      /** Root certificates (DER, hex) of simulated platforms. */
      simulationRoots: z
        .array(z.string().regex(/^([0-9a-f]{2})+$/))
        .max(8)
        .optional(),
    })
    .optional(),
});

/** Who may use the keyring of an image, who can recover it, and whom it is handed over to. Part of what is measured. */
export type KeyringConfiguration = z.infer<typeof keyringConfigurationSchema>;

/** The keyring of an image that says nothing about it: never handed over, lost with the CPU. */
export const defaultKeyring: KeyringConfiguration = { policy: { kind: 'enclave' } };

/** Keys and certificates of a configuration as bytes. */
export function fromHex(texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => new Uint8Array(Buffer.from(text, 'hex')));
}
