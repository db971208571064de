import type { SessionHandle } from '@neo-service-layer/tee-channel';
import {
  type Method,
  type SignInRequest,
  TeeError,
  type UserInfo,
  type UserQuota,
} from '@neo-service-layer/tee-interface';
import { Account } from '../stores/account.ts';
import type { EnclaveStores } from '../stores/enclave-stores.ts';
import type { Quotas } from './quotas.ts';
import { judgeSignIn, type SignInRules } from './sign-in.ts';
import type { SignedInUser } from './signed-in-user.ts';
import type { UserRecord } from './user-directory.ts';

/** What the gate works with. */
export interface GateParts extends SignInRules {
  stores: EnclaveStores;
  quotas: Quotas;
}

/**
 * Where it is decided who a caller is and what the caller may do. A session belongs to nobody until a sign-in made for
 * it holds, and to that user until it ends.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #users = new WeakMap<SessionHandle, SignedInUser>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Signs a session in. @throws {TeeError} ERR_USER_SIGN_IN, ERR_USER_UNKNOWN, ERR_BUSY */
  async signIn(session: SessionHandle, request: SignInRequest): Promise<UserInfo> {
    const before = this.#users.get(session);
    // Calls are under way in the name of the first.
    if (before !== undefined && before.userId !== request.userId) {
      throw new TeeError('ERR_USER_SIGN_IN', 'The session belongs to another user.', {
        hint: 'Open another session for another user.',
      });
    }
    const user = await judgeSignIn(request, await session.binding(), this.#parts);
    this.#users.set(session, user);
    this.#parts.quotas.set(user.userId, user.quota);
    return this.describe(user);
  }

  /**
   * Who makes a call of this session; null for an anonymous caller.
   * @throws {TeeError} ERR_USER_REQUIRED, ERR_USER_FORBIDDEN
   */
  admit(session: SessionHandle, access: Method<unknown, unknown>['access']): SignedInUser | null {
    const user = this.#users.get(session) ?? null;
    if (access === 'public') return user;
    if (user === null) {
      if (access === 'caller' && this.#parts.configuration.allowAnonymous) return null;
      throw new TeeError('ERR_USER_REQUIRED', 'This call is for users that have signed in.', {
        hint: 'Connect with a user key (TeeClient: user; neo-tee: --user-key).',
      });
    }
    if (access === 'administrator' && !user.isAdministrator) {
      throw new TeeError('ERR_USER_FORBIDDEN', 'This call is for administrators.', {
        expected: "one of the administrators' keys in the measured configuration",
        actual: `the key ${user.publicKey}`,
      });
    }
    return user;
  }

  /** Does something on the caller's account. @throws {TeeError} ERR_BUSY, and what the action throws */
  around<Result>(user: SignedInUser | null, action: () => Promise<Result>): Promise<Result> {
    const { quotas, configuration } = this.#parts;
    if (user === null) return quotas.around('', configuration.anonymousQuota, action);
    return quotas.around(user.userId, user.quota, action);
  }

  /** What a user may use up now; an administrator may have changed it since the sign-in. */
  quotaOf(user: SignedInUser): UserQuota {
    return this.#parts.quotas.limits(user.userId, user.quota);
  }

  /** What a user may use up now, by the id alone. */
  async quotaOfUser(userId: string): Promise<UserQuota> {
    const { quotas, directory, configuration } = this.#parts;
    const record = await directory.find(userId);
    return quotas.limits(userId, record?.quota ?? configuration.quota);
  }

  /** What belongs to a key. */
  account(publicKey: string): Account {
    return new Account(this.#parts.stores, publicKey);
  }

  /** A user with how much it keeps. */
  async describe(user: UserRecord | SignedInUser): Promise<UserInfo> {
    const { configuration } = this.#parts;
    const { userId, publicKey, registered } = user;
    return {
      userId,
      publicKey,
      registered,
      isAdministrator: configuration.administrators.includes(publicKey),
      quota: user.quota ?? configuration.quota,
      stored: { ...(await this.account(publicKey).usage()), kept: this.#parts.stores.isKept },
    };
  }

  /** Registers an id for a key. @throws {TeeError} ERR_USER_SIGN_IN when it belongs to another key */
  async register(record: Omit<UserRecord, 'registered'>): Promise<UserInfo> {
    const stands = await this.#parts.directory.add({ ...record, registered: 'administrator' });
    if (stands.publicKey !== record.publicKey) {
      throw new TeeError('ERR_USER_SIGN_IN', 'The user id belongs to another key.', { actual: stands.publicKey });
    }
    return this.describe(stands);
  }

  /** Sets a quota. @throws {TeeError} ERR_USER_UNKNOWN */
  async setQuota(userId: string, quota: UserQuota | null): Promise<UserInfo> {
    const record = await this.#parts.directory.setQuota(userId, quota);
    this.#parts.quotas.set(userId, quota ?? this.#parts.configuration.quota);
    return this.describe(record);
  }

  /** Users by their ids, from the one after `after`. */
  async list(after = ''): Promise<UserInfo[]> {
    const page = await this.#parts.directory.page(after, 100);
    return Promise.all(page.map((record) => this.describe(record)));
  }
}

/** The one answer for what is not there and for what the caller may not know of. */
export function notFound(): TeeError {
  return new TeeError('ERR_NOT_FOUND', 'There is nothing of that name that the caller may use.', {
    hint: 'Check the name and the owner, and whether the owner lets you in.',
  });
}
