/** Codes of who may do what inside the enclave. */
export const userErrors = {
  ERR_USER_SIGN_IN: 'The sign-in does not prove that the caller is the user it names.',
  ERR_USER_REQUIRED: 'The call is for users that have signed in.',
  ERR_USER_FORBIDDEN: 'The call is for users of another role, or in the name of another user.',
  ERR_USER_UNKNOWN: 'No user of that id is registered, and the enclave registers nobody on first use.',
  ERR_NOT_FOUND: 'There is nothing of that name, or nothing that the caller may know of.',
  ERR_QUOTA: "What the caller may keep in the enclave's store is used up.",
} as const;
