import type { JsonValue } from '@neo-service-layer/tee-interface';

/** What a function can be granted beyond the language. */
export const capabilityNames = ['crypto', 'timers'] as const;

/** Name of a capability. */
export type CapabilityName = (typeof capabilityNames)[number];

/** Something the host does for a guest. Arguments come from the guest and are checked by the method itself. */
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

  constructor(name: 'Error' | 'TypeError' | 'RangeError', message: string) {
    super(message);
    this.name = name;
  }
}
