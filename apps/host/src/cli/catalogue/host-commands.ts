import type { CommandEntry } from '../../commands/command.ts';

/** The host that serves, and this machine. */
export const hostCommands: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'Keep an enclave running and relay sealed messages to it over HTTP and WebSockets.',
    usage:
      'serve [--config FILE] [--port N] [--host ADDRESS] [--tls-cert FILE --tls-key FILE] [--cors-origin URL]... [--log-level LEVEL] [--max-connections N] [--enclaves N] [--drain-seconds N] [--exit-with-stdin] [--record FILE]',
    example: 'serve --port 8080',
    load: () => import('../../commands/serve.ts'),
  },
  {
    name: 'status',
    summary: 'Show the enclaves of the host that serves this instance: role, load, memory, losses.',
    usage: 'status [--json]',
    example: 'status',
    load: () => import('../../commands/status.ts'),
  },
  {
    name: 'logs',
    summary: 'Show what happened on the host that serves this instance, and what its enclaves logged.',
    usage: 'logs [-f|--follow] [--lines N] [--json]',
    example: 'logs -f',
    load: () => import('../../commands/logs.ts'),
  },
  {
    name: 'enclaves drain',
    summary: 'Take one enclave of the running host out, without disturbing calls, and start a fresh one in its place.',
    usage: 'enclaves drain NUMBER [--json]',
    example: 'enclaves drain 2',
    load: () => import('../../commands/enclaves/drain.ts'),
  },
  {
    name: 'enclaves replace',
    summary: 'Put enclaves of a new image in the place of those that a running host serves; calls go on.',
    usage: 'enclaves replace INSTANCE [--approval FILE] [--json]',
    example: 'enclaves replace v2 --approval approval.cbor',
    load: () => import('../../commands/enclaves/replace.ts'),
  },
  {
    name: 'config check',
    summary: 'Show what serve would run with, and where each value comes from. Exit code 2 when it is not valid.',
    usage: 'config check [FILE] [options of serve] [--json]',
    example: 'config check neo-tee.config.yaml',
    load: () => import('../../commands/config/check.ts'),
  },
  {
    name: 'bench',
    summary: 'Measure calls for some seconds: how many the enclave answers, and how soon.',
    usage:
      'bench [FUNCTION [--owner KEY] [--input JSON|@file]] [--at-once N] [--seconds N] [--url URL [--policy FILE] [--root FILE]] [--user-id ID --user-key PEM] [--json]',
    example: 'bench --at-once 32 --seconds 10 --url http://127.0.0.1:8080',
    load: () => import('../../commands/bench.ts'),
  },
  {
    name: 'completion',
    summary: 'Print the script with which a shell completes commands, options and files.',
    usage: 'completion bash|zsh|fish [--json]',
    example: 'completion bash >> ~/.bashrc',
    load: () => import('../../commands/completion.ts'),
  },
  {
    name: 'doctor',
    summary: 'Check whether enclaves can run on this machine; say for each thing that is missing what to type next.',
    usage: 'doctor [--node FILE] [--json]',
    example: 'doctor',
    load: () => import('../../commands/doctor.ts'),
  },
];
