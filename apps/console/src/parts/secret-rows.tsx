import type { Signal } from '@preact/signals';

/** A secret as it is typed in. */
export interface SecretRow {
  name: string;
  value: string;
}

/** The secrets that have a name. */
export function secretsOf(rows: readonly SecretRow[]): Record<string, string> {
  return Object.fromEntries(rows.filter(({ name }) => name !== '').map(({ name, value }) => [name, value]));
}

/** Fields for secrets of a call. */
export function SecretRows({ rows }: { rows: Signal<SecretRow[]> }) {
  const change = (index: number, part: Partial<SecretRow>) => {
    rows.value = rows.value.map((row, at) => (at === index ? { ...row, ...part } : row));
  };
  return (
    <fieldset>
      <legend>Secrets, encrypted in this browser</legend>
      {rows.value.map(({ name, value }, index) => (
        <div class="row" key={index}>
          <input
            aria-label={`Name of secret ${index + 1}`}
            placeholder="name"
            value={name}
            onInput={(event) => change(index, { name: event.currentTarget.value })}
          />
          <input
            aria-label={`Value of secret ${index + 1}`}
            placeholder="value"
            type="password"
            autocomplete="off"
            value={value}
            onInput={(event) => change(index, { value: event.currentTarget.value })}
          />
          <button
            type="button"
            aria-label={`Remove secret ${index + 1}`}
            onClick={() => {
              rows.value = rows.value.filter((_, at) => at !== index);
            }}
          >
            Remove
          </button>
        </div>
      ))}
      <button
        type="button"
        onClick={() => {
          rows.value = [...rows.value, { name: '', value: '' }];
        }}
      >
        Add a secret
      </button>
    </fieldset>
  );
}
