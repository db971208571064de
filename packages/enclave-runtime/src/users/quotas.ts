import { isTeeError, TeeError, type UserQuota } from '@neo-service-layer/tee-interface';
import { TokenBucket } from './token-bucket.ts';

interface Account {
  limits: UserQuota;
  calls: TokenBucket;
  gas: TokenBucket;
  running: number;
}

const mostAccounts = 65_536;

/**
 * Counts what callers use up. A caller that is over its quota is answered ERR_BUSY with the time after which to come
 * again (`details.retryAfterMs`); nothing of its call was done, and others do not notice.
 */
export class Quotas {
  readonly #accounts = new Map<string, Account>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that the host cannot set back; default `performance.now` */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Says what someone may use up from now on; with other limits, what was used up before counts no more. @throws {TeeError} ERR_BUSY */
  set(who: string, limits: UserQuota): void {
    const account = this.#account(who, limits);
    if (!sameLimits(account.limits, limits)) Object.assign(account, this.#buckets(limits));
  }

  /** What someone may use up: what was set last, or else the given. */
  limits(who: string, otherwise: UserQuota): UserQuota {
    return this.#accounts.get(who)?.limits ?? otherwise;
  }

  /**
   * Does something on someone's account: one call, and the gas that its outcome or its error names.
   * @param otherwise what applies as long as nothing was set
   * @throws {TeeError} ERR_BUSY, and what the action throws
   */
  async around<Result>(who: string, otherwise: UserQuota, action: () => Promise<Result>): Promise<Result> {
    const account = this.#account(who, otherwise);
    const now = this.#now();
    const { concurrentCalls } = account.limits;
    if (account.running >= concurrentCalls) throw busy(`more than ${concurrentCalls} calls at once`, 100);
    requireNow('calls', account.calls, now);
    requireNow('gas', account.gas, now);
    account.calls.take(1);
    account.running += 1;
    try {
      const result = await action();
      account.gas.take(gasOf(result));
      return result;
    } catch (error) {
      account.gas.take(isTeeError(error) ? gasOf(error.details) : 0);
      throw error;
    } finally {
      account.running -= 1;
    }
  }

  #account(who: string, limits: UserQuota): Account {
    const known = this.#accounts.get(who);
    if (known) return known;
    if (this.#accounts.size >= mostAccounts) this.#forgetIdle();
    const account = { ...this.#buckets(limits), running: 0 };
    this.#accounts.set(who, account);
    return account;
  }

  #buckets(limits: UserQuota): Omit<Account, 'running'> {
    const now = this.#now();
    return {
      limits,
      calls: new TokenBucket(limits.callsPerMinute, now),
      gas: new TokenBucket(limits.gasPerMinute, now),
    };
  }

  /** Whoever has used up nothing need not be remembered. */
  #forgetIdle(): void {
    const now = this.#now();
    for (const [who, { calls, gas, running }] of this.#accounts) {
      if (running === 0 && calls.isFull(now) && gas.isFull(now)) this.#accounts.delete(who);
    }
    if (this.#accounts.size >= mostAccounts) throw busy('so many callers at once', 1000);
  }
}

function requireNow(what: string, bucket: TokenBucket, now: number): void {
  const waitMs = bucket.waitMs(now);
  if (waitMs > 0) throw busy(`so many ${what} in a minute`, Math.ceil(waitMs));
}

function busy(what: string, retryAfterMs: number): TeeError {
  return new TeeError('ERR_BUSY', `The caller's quota does not allow ${what}.`, {
    hint: 'Nothing was done. Repeat the call after details.retryAfterMs.',
    // A quota of nothing never comes back; JSON knows no infinity.
    details: { retryAfterMs: Math.min(retryAfterMs, 86_400_000) },
  });
}

function gasOf(outcome: unknown): number {
  if (typeof outcome !== 'object' || outcome === null || !('gasUsed' in outcome)) return 0;
  return typeof outcome.gasUsed === 'number' ? outcome.gasUsed : 0;
}

function sameLimits(one: UserQuota, other: UserQuota): boolean {
  return (Object.keys(one) as (keyof UserQuota)[]).every((name) => one[name] === other[name]);
}
