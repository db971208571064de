import { useSignal } from '@preact/signals';
import { newUser, useKey, user } from '../state/user.ts';
import { download } from './download.ts';
import { Failure } from './failure.tsx';

/** Signs in: with a new key, which its owner keeps, or with one that is there. */
export function UserForm() {
  const userId = useSignal('');
  const error = useSignal<unknown>(null);
  if (user.value !== null) {
    return (
      <p class="signed-in">
        Signed in as <strong>{user.value.userId}</strong>.{' '}
        <button
          type="button"
          onClick={() => {
            user.value = null;
          }}
        >
          Sign out
        </button>
      </p>
    );
  }
  const attempt = async (action: () => Promise<void>) => {
    error.value = await action().then(
      () => null,
      (thrown: unknown) => thrown,
    );
  };
  const make = (event: Event) => {
    event.preventDefault();
    void attempt(async () => download(`${userId.value}.pem`, await newUser(userId.value)));
  };
  const load = (file: File | undefined) => {
    if (file !== undefined) void attempt(async () => useKey(userId.value, await file.text()));
  };
  return (
    <form class="user" onSubmit={make}>
      <p>A user is a key. Whatever it keeps in the enclave belongs to it, and nobody can replace it.</p>
      <label for="user-id">User id</label>
      <input
        id="user-id"
        required
        maxLength={256}
        autocomplete="username"
        value={userId.value}
        onInput={(event) => {
          userId.value = event.currentTarget.value;
        }}
      />
      <button type="submit">Make a key and save it</button>
      <label for="user-file">or a key that you have (PEM)</label>
      <input
        id="user-file"
        type="file"
        accept=".pem"
        disabled={userId.value === ''}
        onChange={(event) => load(event.currentTarget.files?.[0])}
      />
      {error.value !== null && <Failure error={error.value} />}
    </form>
  );
}
