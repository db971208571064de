import { decodePlain, encodePlain, type PlainValue } from './cbor.ts';
import { TeeError } from './errors/tee-error.ts';
import { type EvidenceBundle, evidenceBundleSchema } from './evidence.ts';

/** One CBOR document that holds everything a relying party needs, e.g. to store it or send it over HTTP. */
export function encodeEvidenceBundle(bundle: EvidenceBundle): Uint8Array {
  const { quote, claims, collateral } = bundle;
  return encodePlain({ quote, claims, collateral: { ...collateral } satisfies Record<string, PlainValue> });
}

/** Reads {@link encodeEvidenceBundle}'s document; checks shape only. @throws {TeeError} ERR_CBOR */
export function decodeEvidenceBundle(bytes: Uint8Array): EvidenceBundle {
  const parsed = evidenceBundleSchema.safeParse(decodePlain(bytes));
  if (!parsed.success) {
    throw new TeeError('ERR_CBOR', 'The document is not an evidence bundle.', { cause: parsed.error });
  }
  return parsed.data;
}
