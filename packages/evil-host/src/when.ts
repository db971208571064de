import { parseMessage } from '@neo-service-layer/tee-channel';
import { isTeeError } from '@neo-service-layer/tee-interface';
import type { Crossing } from './evil-transport.ts';

/** Chooses the messages that something happens to. */
export type When = (crossing: Crossing) => boolean;

/** Every message. */
export const always: When = () => true;

/** What anyone can see a message to be. */
export function kindOf(message: Uint8Array): 'hello' | 'welcome' | 'request' | 'response' | 'refused' | 'garbage' {
  try {
    return parseMessage(message).type;
  } catch (error) {
    if (isTeeError(error)) return 'garbage';
    throw error;
  }
}

/** The hellos. */
export const hellos: When = ({ message }) => kindOf(message) === 'hello';

/** The sealed requests, or only the n-th of them (counted from 0). */
export function requests(nth?: number): When {
  let seen = -1;
  return ({ message }) => {
    if (kindOf(message) !== 'request') return false;
    seen += 1;
    return nth === undefined || nth === seen;
  };
}
