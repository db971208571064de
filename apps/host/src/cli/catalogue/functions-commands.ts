import type { CommandEntry } from '../../commands/command.ts';

/** Functions, and the users that they belong to. */
export const functionsCommands: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'Begin a project: a function in TypeScript, its test, and the policy of the enclave that it runs in.',
    usage: 'init FOLDER [--port N] [--packages FOLDER] [--json]',
    example: 'init my-oracle',
    load: () => import('../../commands/init.ts'),
  },
  {
    name: 'dev',
    summary: 'In a project: a simulated enclave, to which functions are deployed whenever they are saved.',
    usage: 'dev [--fault microcode-bump|rebuild|rollback|replay|truncate|stale-tcb|diverted-host] [--once] [--json]',
    example: 'dev --fault rollback',
    load: () => import('../../commands/dev.ts'),
  },
  {
    name: 'run',
    summary: 'Run a JavaScript or TypeScript function inside the enclave; with --sandbox-only without one.',
    usage:
      'run FILE [--input JSON|@file] [--secrets JSON|@file] [--function-id ID] [--user-id ID [--user-key PEM]] [--timeout-ms N] [--memory-mb N] [--gas N] [--allow crypto,timers,eval,http:HOST]... [--repeat N] [--receipt FILE] [--sandbox-only [--engine quickjs-wasm|v8-isolate]] [--json]',
    example: `run examples/functions/hello.js --input '{"name":"World"}' --function-id hello --user-id alice`,
    load: () => import('../../commands/run.ts'),
  },
  {
    name: 'user new-key',
    summary: 'Make the key that a user signs in with.',
    usage: 'user new-key FILE [--json]',
    example: 'user new-key alice.pem',
    load: () => import('../../commands/user/new-key.ts'),
  },
  {
    name: 'user show',
    summary: 'Sign in, and show what the enclave knows of the user.',
    usage: 'user show [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'user show --url http://127.0.0.1:8080 --user-id alice --user-key alice.pem',
    load: () => import('../../commands/user/show.ts'),
  },
  {
    name: 'deploy',
    summary: 'Keep a function in the enclave, for its owner and whom the owner lets in.',
    usage:
      'deploy FILE [--function-id ID] [--secret NAME]... [--storage | --storage-pinned] [--invoker KEY]... [--everyone] [--allow crypto,timers,eval,http:HOST]... [--timeout-ms N] [--memory-mb N] [--gas N] [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'deploy price.js --secret apiKey --everyone --user-id alice --user-key alice.pem',
    load: () => import('../../commands/deploy.ts'),
  },
  {
    name: 'call',
    summary: 'Run a function that was deployed.',
    usage:
      'call FUNCTION [--owner KEY] [--function-hash HEX] [--input JSON|@file] [--timeout-ms N] [--gas N] [--receipt FILE] [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'call price --owner alice.pem.pub --user-id bob --user-key bob.pem',
    load: () => import('../../commands/call.ts'),
  },
  {
    name: 'functions list',
    summary: "List the user's functions.",
    usage: 'functions list [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'functions list --user-id alice --user-key alice.pem',
    load: () => import('../../commands/functions/list.ts'),
  },
  {
    name: 'functions remove',
    summary: 'Remove a function of the user and what it kept.',
    usage: 'functions remove FUNCTION [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'functions remove price --user-id alice --user-key alice.pem',
    load: () => import('../../commands/functions/remove.ts'),
  },
  {
    name: 'secrets set',
    summary: "Keep a secret for the user's functions; its value comes from standard input.",
    usage:
      'secrets set NAME [--as-json] [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'secrets set apiKey --user-id alice --user-key alice.pem',
    load: () => import('../../commands/secrets/set.ts'),
  },
  {
    name: 'secrets list',
    summary: "List names and sizes of the user's secrets.",
    usage: 'secrets list [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'secrets list --user-id alice --user-key alice.pem',
    load: () => import('../../commands/secrets/list.ts'),
  },
  {
    name: 'secrets rm',
    summary: 'Remove a secret of the user.',
    usage: 'secrets rm NAME [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'secrets rm apiKey --user-id alice --user-key alice.pem',
    load: () => import('../../commands/secrets/remove.ts'),
  },
  {
    name: 'users list',
    summary: 'As an administrator: list the users with what they keep.',
    usage: 'users list [--after ID] [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'users list --user-id root --user-key root.pem',
    load: () => import('../../commands/users/list.ts'),
  },
  {
    name: 'users register',
    summary: 'As an administrator: bind a user id to a public key.',
    usage: 'users register ID KEY [--url URL [--policy FILE] [--root FILE]] --user-id ID --user-key PEM [--json]',
    example: 'users register bob bob.pem.pub --user-id root --user-key root.pem',
    load: () => import('../../commands/users/register.ts'),
  },
];
