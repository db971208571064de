import { parsePolicy } from '@neo-service-layer/attestation';
import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';
import { computed, signal } from '@preact/signals';
import { askSuggestion, hostUrl, type Suggestion } from './host.ts';

/** What this browser judges enclaves by, and who wrote it. */
export interface KeptPolicy {
  /** JSON, as it is edited. */
  text: string;
  roots: string[];
  /** `host`: taken from the host at the first visit, and not looked at by anybody since. */
  from: 'host' | 'you';
}

const keyOf = () => `neo-tee.policy ${hostUrl.value}`;

/** The policy that is kept; null before there is one. */
export const kept = signal<KeptPolicy | null>(read());

/** What the host suggests now; null when it could not be asked. */
export const suggestion = signal<Suggestion | null>(null);

/** The kept policy, checked; or why it is none. */
export const policy = computed<{ policy: AppraisalPolicy; error: null } | { policy: null; error: string }>(() => {
  if (kept.value === null) return { policy: null, error: 'There is no policy yet.' };
  try {
    return { policy: parsePolicy(JSON.parse(kept.value.text)), error: null };
  } catch (error) {
    return { policy: null, error: error instanceof Error ? error.message : 'It cannot be read.' };
  }
});

/** Whether the host would have another policy than the one that is kept: another enclave, or another story. */
export const isSuggestionOther = computed(() => {
  if (suggestion.value === null || kept.value === null) return false;
  return (
    format(suggestion.value.policy) !== normal(kept.value.text) ||
    suggestion.value.roots.join() !== kept.value.roots.join()
  );
});

/** Keeps a policy from now on. */
export function keep(next: KeptPolicy): void {
  localStorage.setItem(keyOf(), JSON.stringify(next));
  kept.value = next;
}

/** Asks the host, and takes its suggestion if nothing is kept yet: from then on it is pinned. */
export async function refreshSuggestion(): Promise<void> {
  kept.value = read();
  suggestion.value = await askSuggestion().catch(() => null);
  if (kept.value === null && suggestion.value !== null) adoptSuggestion();
}

/** Takes what the host suggests. */
export function adoptSuggestion(): void {
  if (suggestion.value === null) return;
  keep({ text: format(suggestion.value.policy), roots: suggestion.value.roots, from: 'host' });
}

/** JSON as it is shown. */
export function format(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function normal(text: string): string {
  try {
    return format(JSON.parse(text));
  } catch {
    return text;
  }
}

function read(): KeptPolicy | null {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf()) ?? 'null');
    return typeof found?.text === 'string' && Array.isArray(found.roots) ? found : null;
  } catch {
    return null;
  }
}
