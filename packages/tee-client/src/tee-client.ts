import { verifyEvidence } from '@neo-service-layer/attestation';
import { type ChannelInitiator, type Suite, userReportData } from '@neo-service-layer/tee-channel';
import {
  type AppraisalPolicy,
  type AttestationReport,
  type AttestationReportCheck,
  type AttestationReportRequest,
  bytesToHex,
  type CallOptions,
  type EnclaveInfo,
  type EnclaveMethodName,
  encodeCall,
  encodeEvidenceBundle,
  type ITeeInterface,
  isTeeError,
  type Method,
  type SealStreamRequest,
  TeeError,
  type TeeErrorCode,
  type TeeMethodInput,
  type TeeMethodOutput,
  type TeeStreamName,
  teeMethods,
  teeStreams,
  type Verdict,
} from '@neo-service-layer/tee-interface';
import type { PlainValue } from '@neo-service-layer/tee-interface/cbor';
import { EnclaveCalls } from './enclave-calls.ts';
import { EnclaveSession } from './enclave-session.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseInput, parseWith } from './parse-input.ts';
import { policyWarnings } from './policy-warnings.ts';
import type { Transport } from './transport/transport.ts';
import { signInTo, type UserKey } from './user-key.ts';

/** What a client needs to know of an enclave before it speaks to it. */
export interface TeeClientOptions {
  transport: Transport;
  /** What the enclave must prove. It must pin an identity. */
  policy: AppraisalPolicy;
  /** Root certificates (DER or PEM) to trust instead of Intel's. A simulation also needs `policy.allowSimulation`. */
  trustAnchors?: readonly Uint8Array[];
  /** Unix seconds; default the machine's clock. */
  now?: () => number;
  /** Name of the service that is meant: an enclave whose measured configuration has another name refuses. Default any. */
  audience?: string;
  /** Who calls: signed in to every session before anything else goes out on it. Default: an anonymous caller. */
  user?: UserKey;
  /**
   * The cipher suite to speak, and no other: `postQuantumSuite` of `@neo-service-layer/tee-channel/post-quantum` where the
   * enclave offers it. Default the classic one.
   */
  suite?: Suite;
  /** Is told, at every connect, what the policy leaves open; see {@link policyWarnings}. */
  onWarning?: (warning: string) => void;
  /** Seconds after which the enclave must prove itself again before anything more is sent. Default 600. */
  reattestSeconds?: number;
}

// After these nothing is certain about the session; the next call verifies the enclave again and opens another.
const sessionEnding: ReadonlySet<TeeErrorCode> = new Set([
  'ERR_CHANNEL_SESSION',
  'ERR_CHANNEL_AUTH',
  'ERR_CHANNEL_PROTOCOL',
  'ERR_CHANNEL_AUDIENCE',
  'ERR_LINK_CLOSED',
  'ERR_TRANSPORT',
]);

/**
 * Calls an enclave from anywhere, through anyone.
 *
 * Guarantees: before the first byte of a call leaves, the enclave has proved what the policy demands and that it holds
 * the key the call is sealed to; it goes on proving it every ten minutes, and sessions are renewed before they end, without
 * disturbing calls in flight; an answer comes from that enclave. When the session breaks (the enclave restarted, the host
 * meddled), the call fails, is not repeated (it may have been executed), and the next call verifies again.
 */
export class TeeClient extends EnclaveCalls implements ITeeInterface {
  readonly #options: TeeClientOptions;
  #session: Promise<EnclaveSession> | null = null;
  #opened: EnclaveSession | null = null;
  #disposed = false;

  private constructor(options: TeeClientOptions) {
    super();
    this.#options = options;
  }

  /** Verifies the enclave, opens a channel and signs in. @throws {TeeError} ERR_EVIDENCE_REJECTED and its kin, ERR_CHANNEL_*, ERR_TRANSPORT, ERR_USER_* */
  static async connect(options: TeeClientOptions): Promise<TeeClient> {
    const client = new TeeClient(options);
    await client.initialize();
    return client;
  }

  /** What the enclave proved when it was last verified. */
  get evidence(): Verdict {
    return this.#connected().enclave.verdict;
  }

  /** The document that proved it, as others can check it: receipts of this enclave are verified with it. */
  get evidenceDocument(): Uint8Array {
    return encodeEvidenceBundle(this.#connected().enclave.bundle);
  }

  async initialize(): Promise<void> {
    await this.#open();
  }

  override async getInfo(input = {}, options: CallOptions = {}): Promise<EnclaveInfo> {
    const info = await super.getInfo(input, options);
    const claims = this.evidence.claims;
    // The enclave's word about itself must be what the CPU said of it.
    if (claims?.tee !== 'sgx' || claims.mrEnclave !== info.mrEnclave || claims.mrSigner !== info.mrSigner) {
      throw new TeeError('ERR_EVIDENCE_BINDING', 'The enclave describes itself otherwise than its quote does.');
    }
    return info;
  }

  override async getAttestationReport(
    input: AttestationReportRequest = {},
    options: CallOptions = {},
  ): Promise<AttestationReport> {
    const report = await super.getAttestationReport(input, options);
    const { collateral } = await this.#open();
    return { ...report, collateral };
  }

  async verifyAttestationReport(input: AttestationReportCheck): Promise<Verdict> {
    const { report, policy, trustAnchors, now } = parseInput('verifyAttestationReport', input);
    if (report.collateral === undefined) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'The report has no collateral to judge it by.', {
        hint: 'Take the report as getAttestationReport returned it, or add collateral from PCS or PCCS.',
      });
    }
    const reportData = bytesToHex(await userReportData(report.reportData));
    const anchors = trustAnchors ?? this.#options.trustAnchors;
    return verifyEvidence(
      { quote: report.quote, collateral: report.collateral },
      { ...policy, reportData },
      { now: now ?? this.#now(), ...(anchors === undefined ? {} : { trustAnchors: anchors }) },
    );
  }

  #connected(): EnclaveSession {
    if (this.#opened === null) throw new TeeError('ERR_DISPOSED', 'The client is not connected.');
    return this.#opened;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#session = null;
    await this.#options.transport.close();
  }

  protected override async call<Name extends EnclaveMethodName>(
    name: Name,
    input: TeeMethodInput<Name> = {} as TeeMethodInput<Name>,
    options: CallOptions = {},
  ): Promise<TeeMethodOutput<Name>> {
    // Wrong parameters fail here, before anything is sent.
    const params = parseInput(name, input);
    const payload = encodeCall(name, params as PlainValue);
    const answer = await this.#with((channel) => channel.call(payload, options));
    return parseAnswer(name, teeMethods[name].output as Method<unknown, TeeMethodOutput<Name>>['output'], answer);
  }

  /**
   * Seals bytes while they come; the result opens with {@link unsealStream}, or up to 16 MiB with `unsealData`.
   * @throws {TeeError} as a call; what fails later fails the stream
   */
  sealStream(
    input: SealStreamRequest,
    body: ReadableStream<Uint8Array>,
    options: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return this.#stream('sealStream', input, body, options);
  }

  /**
   * Opens sealed bytes while they come. Each piece is what was sealed, at its place; that nothing is missing at the end is
   * known when the stream ends, so do nothing final before.
   * @throws {TeeError} as {@link sealStream}
   */
  unsealStream(
    input: SealStreamRequest,
    body: ReadableStream<Uint8Array>,
    options: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return this.#stream('unsealStream', input, body, options);
  }

  #stream(
    name: TeeStreamName,
    input: SealStreamRequest,
    body: ReadableStream<Uint8Array>,
    options: CallOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const head = encodeCall(name, parseWith(name, teeStreams[name].input, input) as PlainValue);
    return this.#with((channel) => channel.stream(head, { ...options, body }));
  }

  async #with<Result>(action: (channel: ChannelInitiator) => Promise<Result>): Promise<Result> {
    const session = this.#open();
    const opened = await session;
    let isReady = false;
    try {
      const channel = await opened.ready();
      isReady = true;
      return await action(channel);
    } catch (error) {
      // An enclave that could not prove itself again gets nothing more; nor does a session that nothing is certain about.
      const isOver = !isReady || (isTeeError(error) && sessionEnding.has(error.code));
      if (isOver && this.#session === session) this.#session = null;
      throw error;
    }
  }

  #open(): Promise<EnclaveSession> {
    if (this.#disposed) return Promise.reject(new TeeError('ERR_DISPOSED', 'The client was disposed of.'));
    if (this.#session !== null) return this.#session;
    const session = this.#connect();
    this.#session = session;
    session.catch(() => {
      if (this.#session === session) this.#session = null;
    });
    return session;
  }

  async #connect(): Promise<EnclaveSession> {
    const { transport, policy, trustAnchors, onWarning, audience = '', reattestSeconds = 600 } = this.#options;
    if (onWarning !== undefined) for (const warning of policyWarnings(policy)) onWarning(warning);
    const judge = () => ({ policy, trustAnchors, now: this.#now() });
    const { user, suite } = this.#options;
    const onOpen = user && ((channel: ChannelInitiator) => signInTo(channel, user));
    this.#opened = await EnclaveSession.open({ transport, judge, audience, reattestSeconds, suite, onOpen });
    return this.#opened;
  }

  #now(): number {
    return this.#options.now?.() ?? Math.floor(Date.now() / 1000);
  }
}
