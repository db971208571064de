import { TeeError } from '@neo-service-layer/tee-interface';
import { channelCrypto } from '#crypto';
import { type parseMessage, type Welcome, welcomeSigningInput } from './messages.ts';
import type { ChannelParts } from './parts.ts';
import type { ChannelClaims } from './report-data.ts';
import type { Suite } from './suites.ts';

/** That the attested enclave made this welcome for this hello. @throws {TeeError} ERR_CHANNEL_VERSION, ERR_CHANNEL_AUTH */
export async function checkWelcome(
  welcome: Welcome,
  { hello, claims, suite }: { hello: Uint8Array; claims: ChannelClaims; suite: Suite },
  parts: ChannelParts,
): Promise<void> {
  const signed = welcomeSigningInput(await channelCrypto.sha256(hello), welcome);
  if (welcome.suite !== suite.id || welcome.kemKey.length !== suite.kemKeyLength) {
    throw new TeeError('ERR_CHANNEL_VERSION', 'The enclave chose a suite that was not offered.');
  }
  if (!(await parts.verifySignature(claims.identityKey, signed, welcome.signature))) {
    throw new TeeError('ERR_CHANNEL_AUTH', 'The session key was not signed by the attested enclave for this client.', {
      expected: 'a signature of the identity key in the evidence over this hello',
      actual: 'another signature',
      hint: 'The enclave restarted since its evidence was read, or the host answered in its place. Read the evidence again.',
    });
  }
}

/** The message, if it is of the wanted type. @throws {TeeError} a refusal's code, else ERR_CHANNEL_PROTOCOL */
export function expectType<Type extends 'welcome' | 'response'>(
  message: ReturnType<typeof parseMessage>,
  type: Type,
): Extract<ReturnType<typeof parseMessage>, { type: Type }> {
  if (message.type === type) return message as Extract<ReturnType<typeof parseMessage>, { type: Type }>;
  if (message.type === 'refused') {
    throw new TeeError(message.code, 'The enclave (or the host in its name) refused.', {
      hint: 'Connect again. A call that was refused may still have been executed.',
    });
  }
  throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A message of the wrong type arrived.', {
    expected: type,
    actual: message.type,
  });
}
