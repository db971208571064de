import { diffPolicies, explainPolicy, parsePolicy } from '@neo-service-layer/attestation';
import { useSignal } from '@preact/signals';
import { hostUrl, useHost } from '../state/host.ts';
import { adoptSuggestion, format, isSuggestionOther, keep, kept, suggestion } from '../state/policy.ts';
import { judge } from '../state/trust.ts';

/** What this browser demands of an enclave: to be read, edited, and compared with what the host would have. */
export function Policy() {
  return (
    <>
      <h1>Policy</h1>
      <p class="lead">
        What an enclave must prove before this browser sends it anything. It is kept in this browser. At the first visit
        it was taken from the host, which proves nothing against that host: put in its place what somebody gave you who
        built or audited the enclave.
      </p>
      <Suggested />
      <Editor key={kept.value?.text} />
      <Explained />
      <Where />
    </>
  );
}

function Suggested() {
  if (!isSuggestionOther.value || suggestion.value === null || kept.value === null) return null;
  const changes = changesOf(kept.value.text, suggestion.value.policy);
  return (
    <section class="notice" aria-labelledby="suggested">
      <h2 id="suggested">The host would have another policy</h2>
      <p>An update of the enclave looks like this, and so does a swindle. Ask whoever you trust before you take it.</p>
      <dl class="diff">
        {changes.map(({ member, before, after }) => (
          <div key={member}>
            <dt>{member}</dt>
            <dd class="before">{before ?? '(the default)'}</dd>
            <dd class="after">{after ?? '(the default)'}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        onClick={() => {
          adoptSuggestion();
          void judge();
        }}
      >
        Take the host’s policy
      </button>
    </section>
  );
}

function Editor() {
  const text = useSignal(kept.value?.text ?? '');
  const roots = useSignal(kept.value?.roots.join('\n') ?? '');
  const problem = problemOf(text.value);
  const save = (event: Event) => {
    event.preventDefault();
    if (problem !== null) return;
    const pems = roots.value.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    keep({ text: format(JSON.parse(text.value)), roots: pems, from: 'you' });
    void judge();
  };
  return (
    <form onSubmit={save}>
      <label for="policy-text">Policy (JSON)</label>
      <textarea
        id="policy-text"
        rows={10}
        spellcheck={false}
        value={text.value}
        aria-describedby="policy-problem"
        aria-invalid={problem !== null}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      <p id="policy-problem" class={problem === null ? 'quiet' : 'bad'} role="status">
        {problem ?? 'It is a valid policy.'}
      </p>
      <details>
        <summary>Root certificates instead of Intel’s ({kept.value?.roots.length ?? 0})</summary>
        <label for="policy-roots">PEM; none: only Intel’s root is trusted</label>
        <textarea
          id="policy-roots"
          rows={6}
          spellcheck={false}
          value={roots.value}
          onInput={(event) => {
            roots.value = event.currentTarget.value;
          }}
        />
      </details>
      <button type="submit" disabled={problem !== null}>
        Keep as my own
      </button>
    </form>
  );
}

function Explained() {
  if (kept.value === null || problemOf(kept.value.text) !== null) return null;
  const statements = explainPolicy(parsePolicy(JSON.parse(kept.value.text)));
  return (
    <section aria-labelledby="explained">
      <h2 id="explained">In words</h2>
      <ul class="statements">
        {statements.map(({ text, isWeak }) => (
          <li key={text} class={isWeak ? 'weak' : ''}>
            {isWeak && <strong>Weak: </strong>}
            {text}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Where() {
  const url = useSignal(hostUrl.value);
  const save = (event: Event) => {
    event.preventDefault();
    useHost(url.value === location.origin ? '' : url.value);
    void judge();
  };
  return (
    <form onSubmit={save}>
      <h2>Host</h2>
      <label for="host-url">Address of the host that relays to the enclave</label>
      <input
        id="host-url"
        type="url"
        required
        value={url.value}
        onInput={(event) => {
          url.value = event.currentTarget.value;
        }}
      />
      <button type="submit">Use this host</button>
    </form>
  );
}

function problemOf(text: string): string | null {
  try {
    parsePolicy(JSON.parse(text));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'It cannot be read.';
  }
}

function changesOf(text: string, other: unknown) {
  try {
    return diffPolicies(parsePolicy(JSON.parse(text)), parsePolicy(other));
  } catch {
    return [{ member: 'policy', before: text, after: format(other) }];
  }
}
