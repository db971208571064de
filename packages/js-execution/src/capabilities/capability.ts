import type { JsonValue } from '@neo-service-layer/tee-interface';

/** What a function can be granted by name. The others need something to work with: `http`, `storage`, `random` of a call. */
export const capabilityNames = ['crypto', 'timers', 'eval'] as const;

/** Name of a capability. */
export type CapabilityName = (typeof capabilityNames)[number];

/** Everything that can be granted. */
export type Grant = CapabilityName | 'http' | 'storage' | 'random';

/** Something the host does for a guest while it waits. Arguments come from the guest and are checked by the method itself. */
export interface CapabilityMethod {
  /** Gas for a call, and for each 64 bytes of its arguments. */
  price: number;
  pricePer64: number;
  /** @throws GuestFault for arguments it does not accept; other errors reach the guest as a plain failure */
  run(given: Record<string, unknown>): JsonValue;
}

/** An error that is told to the guest as it is. */
export class GuestFault extends Error {
  override readonly name: 'Error' | 'TypeError' | 'RangeError';
  /** True when something was asked for that the function was not granted. */
  readonly denied: boolean;

  constructor(name: 'Error' | 'TypeError' | 'RangeError', message: string, denied = false) {
    super(message);
    this.name = name;
    this.denied = denied;
  }
}
