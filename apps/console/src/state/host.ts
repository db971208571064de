import { signal } from '@preact/signals';

const key = 'neo-tee.host';

/** The host that relays to the enclave: the one that served this page, unless another was typed in. */
export const hostUrl = signal(localStorage.getItem(key) ?? location.origin);

/** Takes another host, and keeps it. An empty text: the one that served the page. */
export function useHost(url: string): void {
  if (url === '') localStorage.removeItem(key);
  else localStorage.setItem(key, url);
  hostUrl.value = url === '' ? location.origin : url.replace(/\/+$/, '');
}

/** What the host says that its enclave is. Whoever runs the host writes it: it proves nothing against that host. */
export interface Suggestion {
  policy: unknown;
  /** Root certificates (PEM) beside Intel's that the evidence ends at; none on hardware. */
  roots: string[];
}

/** Asks the host for its suggestion. @throws when it gives none */
export async function askSuggestion(): Promise<Suggestion> {
  const answer = await fetch(`${hostUrl.value}/v1/suggestion`);
  if (!answer.ok) throw new Error(`The host answered ${answer.status}.`);
  const { policy, roots } = await answer.json();
  return { policy, roots: Array.isArray(roots) ? roots.filter((root) => typeof root === 'string') : [] };
}
