import { trust } from '../state/trust.ts';

/** How the enclave stands, in a few words, on every page. */
export function StandingLine() {
  const now = trust.value;
  const [kind, words] =
    now.state === 'asking'
      ? ['wait', 'Verifying…']
      : now.state === 'unknown'
        ? ['wait', 'No enclave verified']
        : now.ok
          ? ['good', 'Enclave verified']
          : ['bad', 'Enclave refused'];
  return (
    <p class={`standing ${kind}`} role="status">
      {words}
    </p>
  );
}
