import { TeeError } from '@neo-service-layer/tee-interface';
import type { UnverifiedQuote } from '../quote/quote.ts';
import { SignatureChecker } from '../verify/signature-checker.ts';
import { loadTrustAnchors, type TrustAnchor } from '../verify/trust-anchor.ts';
import { clockSkewSeconds, requireClock } from '../verify/validity-window.ts';
import { CollateralStore, type StoredCollateral } from './collateral-store.ts';
import { type EvaluationDataNumbers, verifyEvaluationDataNumbers } from './evaluation-data-numbers.ts';
import { fetchCollateral, fetchWithRetries, type RequestRules, readIssuerChain } from './fetch-collateral.ts';
import { newestCollateral, rollback } from './newest-collateral.ts';
import { PlatformFinder, type QuotedPlatform } from './platform-finder.ts';
import { ServedCollateral } from './served-collateral.ts';
import { editionName, intelServiceUrl, parseServiceAddress, type ServiceAddress } from './service-address.ts';
import { type CollateralServiceOptions, readLimits, type ServiceLimits } from './service-options.ts';
import { SingleFlight } from './single-flight.ts';
import { isCurrent, requireCurrent, vetCollateral } from './vetted-collateral.ts';

/**
 * A client of Intel's Provisioning Certification Service (PCS) or of a cache of it (PCCS), API version 4.
 *
 * What it hands out was verified up to a trust anchor: service, network, proxies and cache are trusted with nothing but
 * being there. They can keep new collateral from us until the old one expires; they cannot have us go back to an older
 * one than we have (a wiped cache has none).
 */
export class CollateralService {
  readonly #options: CollateralServiceOptions;
  readonly #limits: ServiceLimits;
  readonly #address: ServiceAddress;
  readonly #anchors: readonly TrustAnchor[];
  readonly #signatures = new SignatureChecker();
  readonly #platforms: PlatformFinder;
  readonly #store: CollateralStore;
  readonly #flights = new SingleFlight<{ stored: StoredCollateral; origin: 'service' | 'cache' }>();
  readonly #closing = new AbortController();

  /** @throws {TeeError} ERR_INVALID_ARGUMENT, ERR_TRUST_ANCHOR */
  constructor(options: CollateralServiceOptions) {
    this.#options = options;
    this.#limits = readLimits(options);
    this.#address = parseServiceAddress(options.baseUrl ?? intelServiceUrl, options, options.rootCaCrlUrl);
    this.#anchors = loadTrustAnchors(options.trustAnchors);
    this.#platforms = new PlatformFinder(this.#anchors, this.#signatures);
    this.#store = new CollateralStore(options, editionName(options));
  }

  /**
   * The collateral for a quote. From the cache when that is valid; then it may be refreshed in the background, before
   * it expires. One fetch at a time for each kind of platform, however many callers wait for it.
   *
   * The quote itself is not judged, but its PCK chain must reach a trust anchor: nothing is fetched on the word of a
   * stranger.
   *
   * @param request.signal ends this call; the fetch goes on while others wait for it
   * @param request.pckCertificateChain for quotes that carry none (certification data types 1 to 4)
   * @throws {TeeError} ERR_COLLATERAL_UNREACHABLE, ERR_COLLATERAL_REFUSED, ERR_COLLATERAL_MALFORMED,
   *   ERR_COLLATERAL_EXPIRED, ERR_COLLATERAL_ROLLBACK; of the quote ERR_QUOTE_FORMAT, ERR_QUOTE_UNSUPPORTED,
   *   ERR_PCK_MISSING, ERR_PCK_EXTENSION, ERR_CERT_*; ERR_CLOCK, ERR_DISPOSED
   * @throws what `signal` was aborted with
   */
  async collateralFor(
    quote: Uint8Array | UnverifiedQuote,
    request: { signal?: AbortSignal | undefined; pckCertificateChain?: Uint8Array | undefined } = {},
  ): Promise<ServedCollateral> {
    this.#closing.signal.throwIfAborted();
    const { signal, pckCertificateChain } = request;
    signal?.throwIfAborted();
    const platform = await this.#platforms.find(quote, pckCertificateChain);
    const { stored, origin } = await this.#current(platform, signal);
    const now = this.#now();
    if (this.#isDue(stored, now)) this.#refreshInBackground(platform);
    return new ServedCollateral(stored, origin, now, pckCertificateChain);
  }

  /**
   * The TCB recoveries that the service keeps collateral of, for `tcbEvaluationDataNumber` of another client. Fetched
   * with each call.
   * @throws {TeeError} as {@link collateralFor}
   */
  async evaluationDataNumbers(tee: 'sgx' | 'tdx', signal?: AbortSignal): Promise<EvaluationDataNumbers> {
    this.#closing.signal.throwIfAborted();
    const url = this.#address.evaluationDataNumbers(tee);
    const ending = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const answer = await fetchWithRetries(url, this.#rules(), ending);
    const document = { body: answer.body, issuerChain: readIssuerChain(answer, 'evaluationDataNumbers') };
    const found = await verifyEvaluationDataNumbers(document, this.#anchors, this.#signatures, this.#now());
    if (found.tee === tee) return found;
    throw new TeeError('ERR_COLLATERAL_MALFORMED', 'The list of TCB evaluation data numbers is of the other TEE.', {
      expected: tee,
      actual: found.tee,
    });
  }

  /** Ends whatever is under way, in the background too. Calls that wait fail with ERR_DISPOSED. Closing twice is fine. */
  close(): void {
    const reason = new TeeError('ERR_DISPOSED', 'The collateral service was closed.');
    this.#closing.abort(reason);
    this.#flights.abortAll(reason);
  }

  async #current(platform: QuotedPlatform, signal: AbortSignal | undefined) {
    const known = this.#store.inMemory(platform);
    if (known && isCurrent(known, this.#now())) return { stored: known, origin: 'cache' as const };
    // It may have been closed since the call began.
    this.#closing.signal.throwIfAborted();
    return this.#flights.run(this.#store.keyOf(platform), (ending) => this.#obtain(platform, true, ending), signal);
  }

  /** @param acceptsDue whether collateral of the cache will do that is valid, but due for a refresh */
  async #obtain(platform: QuotedPlatform, acceptsDue: boolean, signal: AbortSignal) {
    const atHand = await this.#store.read(platform);
    const now = this.#now();
    // Another process may have refreshed it.
    if (atHand && isCurrent(atHand, now) && (acceptsDue || !this.#isDue(atHand, now))) {
      return { stored: atHand, origin: 'cache' as const };
    }
    return { stored: await this.#fetch(platform, signal), origin: 'service' as const };
  }

  async #fetch(platform: QuotedPlatform, signal: AbortSignal) {
    const { trustAnchors } = this.#options;
    const answered = await fetchCollateral(this.#address, platform, this.#rules(), signal);
    let vetted = await vetCollateral(answered, platform, trustAnchors);
    const now = this.#now();
    // Before it is merged: what is not valid yet must not count as the newest.
    requireCurrent(vetted, now);
    // Read again: another process may have fetched meanwhile. What is wrong with the cache was said before.
    const atHand = await this.#store.read(platform, () => undefined);
    const { collateral, older } = newestCollateral(atHand ?? vetted, vetted);
    if (older.length > 0) {
      vetted = await vetCollateral(collateral, platform, trustAnchors);
      const warning = rollback(older);
      this.#warn(warning);
      if (!isCurrent(vetted, now)) throw warning;
    }
    signal.throwIfAborted();
    return this.#store.write(platform, vetted, now, now + this.#limits.refreshPauseSeconds);
  }

  #refreshInBackground(platform: QuotedPlatform): void {
    const key = this.#store.keyOf(platform);
    if (this.#flights.has(key)) return;
    this.#flights
      .run(key, (signal) => this.#obtain(platform, false, signal))
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted) return;
        const refreshError = error instanceof TeeError ? error : internal(error);
        this.#store.noteFailure(platform, refreshError, this.#now() + this.#limits.refreshPauseSeconds);
        this.#warn(refreshError);
      });
  }

  #isDue({ fetchedAt, validUntil, retryAt }: StoredCollateral, now: number): boolean {
    const { refreshAfterSeconds, refreshAheadSeconds, refreshPauseSeconds } = this.#limits;
    // The clock may have been put back: then nobody knows how old it is, and a pause may not last for years.
    const isOld = now - fetchedAt >= refreshAfterSeconds || fetchedAt > now + clockSkewSeconds;
    const isPausing = now < retryAt && retryAt - now <= refreshPauseSeconds;
    return !isPausing && (isOld || validUntil - now <= refreshAheadSeconds);
  }

  #rules(): RequestRules {
    const { requestTimeoutMs, totalTimeoutMs, maxAnswerBytes, attempts, baseDelayMs, maxDelayMs } = this.#limits;
    const deadlineMs = performance.now() + totalTimeoutMs;
    return {
      fetch: this.#options.fetch ?? globalThis.fetch,
      timeoutMs: requestTimeoutMs,
      maxBytes: maxAnswerBytes,
      attempts,
      baseDelayMs,
      maxDelayMs,
      deadlineMs,
      now: () => this.#now(),
      rng: () => this.#options.rng(),
    };
  }

  #now(): number {
    return requireClock(this.#options.now());
  }

  #warn(warning: TeeError): void {
    this.#options.onWarning?.(warning);
  }
}

function internal(cause: unknown): TeeError {
  return new TeeError('ERR_INTERNAL', 'A refresh of collateral failed for a reason that is a fault of ours.', {
    cause,
  });
}
