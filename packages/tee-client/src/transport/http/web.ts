import type { HttpCarrier } from './carrier.ts';
import { fetchCarrier } from './fetch-carrier.ts';

/** The carrier of a browser. Called as a bare function: browsers refuse fetch with another `this`. */
export const platformCarrier: HttpCarrier = fetchCarrier((input, init) => globalThis.fetch(input, init));
