import { isIP } from 'node:net';
import { TeeError } from '@neo-service-layer/tee-interface';

/** One entry of an allow-list. */
export interface AllowedOrigin {
  scheme: 'https:' | 'http:';
  /** As in a URL: lower case, IPv6 in brackets. */
  host: string;
  port: string;
  /** True for `*.host`: every host below it, and not the host itself. */
  below: boolean;
  /** True when the entry names an address or this machine itself: a private one is then meant to be reached. */
  local: boolean;
}

const entryForm = /^(https:\/\/|http:\/\/)?(\*\.)?([^/?#@*\\\s]+)$/i;

/**
 * Reads an entry: `host`, `host:port`, `*.host`, each over https; with `http://` before it over plain http.
 *
 * @throws TeeError ERR_INVALID_ARGUMENT for anything else, paths included: they are not looked at
 */
export function parseAllowed(entry: string): AllowedOrigin {
  const [, given = 'https://', star, rest = ''] = entryForm.exec(entry) ?? [];
  const scheme = given.toLowerCase() === 'http://' ? 'http:' : 'https:';
  const url = URL.canParse(`${scheme}//${rest}/`) ? new URL(`${scheme}//${rest}/`) : null;
  if (url === null || url.hostname === '') {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'An entry of the http allow-list is not a host.', {
      expected: 'host, host:port or *.host, with http:// before it where there is no TLS',
      actual: JSON.stringify(entry),
    });
  }
  const host = url.hostname;
  const local = host === 'localhost' || isAddress(host);
  return { scheme, host, port: url.port, below: star !== undefined, local };
}

/** The entry that allows a URL; undefined when none does. */
export function findAllowed(list: readonly AllowedOrigin[], url: URL): AllowedOrigin | undefined {
  return list.find(({ scheme, host, port, below }) => {
    if (url.protocol !== scheme || url.port !== port) return false;
    return below ? url.hostname.endsWith(`.${host}`) && !isAddress(url.hostname) : url.hostname === host;
  });
}

/** True for a host that is an address, in a URL's writing. */
export function isAddress(host: string): boolean {
  return isIP(bare(host)) !== 0;
}

/** A host without the brackets of IPv6. */
export function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
