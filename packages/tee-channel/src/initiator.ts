import { TeeError } from '@neo-service-layer/tee-interface';
import { randomBytes, sha256 } from './bytes.ts';
import { verifyIdentitySignature } from './identity.ts';
import { encodeMessage, parseMessage, type Welcome, welcomeSigningInput } from './messages.ts';
import type { ChannelClaims } from './report-data.ts';
import { SessionKeys, sessionExport, sessionInfo } from './session-keys.ts';
import { hpke, protocolVersion, suites } from './suites.ts';

/** What a channel is opened with. */
export interface InitiatorOptions {
  /** The claims that a quote, verified and appraised by the caller, commits to. */
  claims: ChannelClaims;
  /** SHA-256 of the evidence the claims come from. */
  evidenceDigest: Uint8Array;
  /** Carries one message to the enclave and its answer back. The carrier is not trusted. */
  exchange: (message: Uint8Array) => Promise<Uint8Array>;
}

/**
 * The client's end of tee-channel/1.
 *
 * Guarantees: the other end holds the private half of `claims.identityKey` and is alive; only it can read what is
 * sent; an answer is its answer to that very call. Does not verify evidence: give it claims you verified.
 */
export class ChannelInitiator {
  readonly #exchange: InitiatorOptions['exchange'];
  readonly #keys: SessionKeys;
  readonly #enc: Uint8Array;
  readonly #sessionId: Uint8Array;
  #sequence = 0;

  private constructor(
    exchange: InitiatorOptions['exchange'],
    keys: SessionKeys,
    enc: Uint8Array,
    sessionId: Uint8Array,
  ) {
    this.#exchange = exchange;
    this.#keys = keys;
    this.#enc = enc;
    this.#sessionId = sessionId;
  }

  /** Opens a session. @throws {TeeError} ERR_CHANNEL_VERSION, ERR_CHANNEL_AUTH, ERR_CHANNEL_PROTOCOL, or the refusal's code */
  static async open(options: InitiatorOptions): Promise<ChannelInitiator> {
    const { claims, evidenceDigest, exchange } = options;
    if (claims.minVersion > protocolVersion || !claims.suites.includes(suites.x25519Aes256Gcm)) {
      throw new TeeError('ERR_CHANNEL_VERSION', 'The enclave speaks no version and suite that this client speaks.', {
        expected: `version ${protocolVersion}, suite ${suites.x25519Aes256Gcm}`,
        actual: `at least version ${claims.minVersion}, suites ${claims.suites.join(', ')}`,
        hint: 'Update the older of the two.',
      });
    }
    const hello = encodeMessage({
      type: 'hello',
      version: protocolVersion,
      suites: [suites.x25519Aes256Gcm],
      nonce: randomBytes(32),
      evidenceDigest,
    });
    const answer = await exchange(hello);
    const welcome = expectType(parseMessage(answer), 'welcome');
    await checkWelcome(welcome, hello, claims);
    const { context, length } = sessionExport;
    const kemKey = await hpke.DeserializePublicKey(welcome.kemKey);
    const info = await sessionInfo(hello, answer);
    const { encapsulatedSecret: enc, exportedSecret } = await hpke.SendExport(kemKey, context, length, { info });
    const keys = await SessionKeys.from(welcome.sessionId, enc, exportedSecret);
    return new ChannelInitiator(exchange, keys, enc, welcome.sessionId);
  }

  /**
   * Sends one payload and returns the enclave's answer. Calls may overlap.
   *
   * A refusal or a lost answer does not say whether the call was executed (the host may have kept the answer back):
   * repeat only what may happen twice.
   */
  async call(payload: Uint8Array): Promise<Uint8Array> {
    const sequence = this.#sequence;
    this.#sequence += 1;
    const sealed = await this.#keys.sealRequest(sequence, payload);
    const request = { type: 'request', sessionId: this.#sessionId, sequence, enc: this.#enc, sealed } as const;
    const response = expectType(parseMessage(await this.#exchange(encodeMessage(request))), 'response');
    const answer = await this.#keys.openResponse(sequence, response.nonce, response.sealed);
    if (answer === null) {
      throw new TeeError('ERR_CHANNEL_AUTH', "The answer is not the enclave's answer to this call.", {
        expected: 'a response sealed by the attested enclave for this session and sequence number',
        actual: 'bytes that do not authenticate',
        hint: 'The host or the network changed, swapped or replayed a message. The call may have been executed.',
      });
    }
    return answer;
  }
}

async function checkWelcome(welcome: Welcome, hello: Uint8Array, claims: ChannelClaims): Promise<void> {
  const signed = welcomeSigningInput(await sha256(hello), welcome);
  if (welcome.suite !== suites.x25519Aes256Gcm) {
    throw new TeeError('ERR_CHANNEL_VERSION', 'The enclave chose a suite that was not offered.');
  }
  if (!(await verifyIdentitySignature(claims.identityKey, signed, welcome.signature))) {
    throw new TeeError('ERR_CHANNEL_AUTH', 'The session key was not signed by the attested enclave for this client.', {
      expected: 'a signature of the identity key in the evidence over this hello',
      actual: 'another signature',
      hint: 'The enclave restarted since its evidence was read, or the host answered in its place. Read the evidence again.',
    });
  }
}

function expectType<Type extends 'welcome' | 'response'>(
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
