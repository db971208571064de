import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import type { Certificate } from '../x509/certificate.ts';
import type { RevocationList } from '../x509/revocation-list.ts';

/**
 * How far, in seconds, the verifier's clock may lag behind that of whoever signed: something may be dated that much
 * into the future. Nothing is granted at the other end: what expired, expired.
 */
export const clockSkewSeconds = 60;

/** A span of time in which something may be used; both ends count as inside. Unix seconds. */
export interface ValidityWindow {
  /** Name of the check. */
  name: string;
  what: string;
  from: number;
  until: number;
  earlyCode: TeeErrorCode;
  lateCode: TeeErrorCode;
}

/** The window of a certificate. */
export function certificateWindow(name: string, certificate: Certificate): ValidityWindow {
  return {
    name,
    what: `The certificate of ${certificate.subjectName}`,
    from: certificate.notBefore,
    until: certificate.notAfter,
    earlyCode: 'ERR_CERT_NOT_YET_VALID',
    lateCode: 'ERR_CERT_EXPIRED',
  };
}

/** The window of a revocation list. */
export function revocationListWindow(name: string, list: RevocationList): ValidityWindow {
  return {
    name,
    what: `The revocation list of ${list.issuerName}`,
    from: list.thisUpdate,
    until: list.nextUpdate,
    earlyCode: 'ERR_CRL_NOT_YET_VALID',
    lateCode: 'ERR_CRL_EXPIRED',
  };
}

/** The window of TCB info or a QE identity. */
export function documentWindow(
  document: 'tcbInfo' | 'qeIdentity',
  dates: { issueDate: number; nextUpdate: number },
): ValidityWindow {
  const isTcbInfo = document === 'tcbInfo';
  return {
    name: `${document}.time`,
    what: isTcbInfo ? 'The TCB info' : 'The QE identity',
    from: dates.issueDate,
    until: dates.nextUpdate,
    earlyCode: isTcbInfo ? 'ERR_TCB_INFO_NOT_YET_VALID' : 'ERR_QE_IDENTITY_NOT_YET_VALID',
    lateCode: isTcbInfo ? 'ERR_TCB_INFO_EXPIRED' : 'ERR_QE_IDENTITY_EXPIRED',
  };
}

/** @throws {TeeError} the window's code when `now` is outside of it */
export function checkWindow(window: ValidityWindow, now: number): void {
  if (now + clockSkewSeconds < window.from) {
    throw new TeeError(window.earlyCode, `${window.what} is not valid yet.`, {
      expected: `valid from ${isoTime(window.from)}`,
      actual: `it is ${isoTime(now)}`,
    });
  }
  if (now > window.until) {
    throw new TeeError(window.lateCode, `${window.what} has expired.`, {
      expected: `valid until ${isoTime(window.until)}`,
      actual: `it is ${isoTime(now)}`,
      hint: 'Fetch fresh collateral and try again.',
    });
  }
}

/** @throws {TeeError} ERR_CLOCK unless it is a number of seconds that a date can hold */
export function requireClock(now: number): number {
  if (typeof now !== 'number' || !Number.isFinite(now) || Math.abs(now) > 8.64e12) {
    throw new TeeError('ERR_CLOCK', 'The time of a verification must be a finite number of unix seconds.', {
      actual: String(now),
    });
  }
  return now;
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
