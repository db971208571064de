import { type FunctionStorage, hexToBytes, type JavaScriptCall } from '@neo-service-layer/tee-interface';
import { type CborValue, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { byCodeUnits } from './canonical-json.ts';
import { sha256 } from './commitments.ts';

/** What makes a function the one it is. */
export type FunctionIdentity = Pick<
  JavaScriptCall,
  'code' | 'kind' | 'files' | 'capabilities' | 'http' | 'contract'
> & {
  /** Granted to a deployed function: it counts as a capability named `storage`, or `storage:pinned`. */
  storage?: FunctionStorage | undefined;
};

/**
 * SHA-256 over the canonical CBOR of `["tee-receipt/1 function", kind, code, files, capabilities, hosts, contract]`: sources
 * byte for byte, files as `[name, text]` sorted by name, capabilities and hosts sorted, the contract's hash or null. What a
 * function may do belongs to what it is: the same source with other grants is another function.
 */
export function functionHash({
  code,
  kind,
  files,
  capabilities = [],
  http,
  contract,
  storage = false,
}: FunctionIdentity): Promise<Uint8Array> {
  const rows = Object.entries(files ?? {}).sort(([one], [other]) => byCodeUnits(one, other));
  const sorted = (list: readonly string[] | undefined): CborValue[] => [...(list ?? [])].sort(byCodeUnits);
  return sha256(
    encodeCanonical([
      'tee-receipt/1 function',
      kind ?? 'script',
      code,
      rows,
      sorted([...capabilities, ...storageGrant(storage)]),
      sorted(http?.allow),
      contract === undefined ? null : hexToBytes(contract),
    ]),
  );
}

function storageGrant(storage: FunctionStorage): string[] {
  if (storage === 'pinned') return ['storage:pinned'];
  return storage ? ['storage'] : [];
}
