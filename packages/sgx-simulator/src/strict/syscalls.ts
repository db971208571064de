/*
 * What the LibOS does not have, by x86-64 system call number (occlum-contract §5). Only calls that a program can tell
 * apart by their answer are here; arguments are looked at in seccomp-filter.ts.
 */

/** Calls that are in the LibOS's table and answer ENOSYS. */
export const absentCalls: Readonly<Record<string, number>> = {
  mincore: 27,
  getitimer: 36,
  alarm: 37,
  setitimer: 38,
  fork: 57,
  semget: 64,
  semop: 65,
  semctl: 66,
  msgget: 68,
  msgsnd: 69,
  msgrcv: 70,
  msgctl: 71,
  getrusage: 98,
  setsid: 112,
  rt_sigqueueinfo: 129,
  mlock: 149,
  munlock: 150,
  mlockall: 151,
  munlockall: 152,
  setxattr: 188,
  lsetxattr: 189,
  fsetxattr: 190,
  getxattr: 191,
  lgetxattr: 192,
  fgetxattr: 193,
  listxattr: 194,
  llistxattr: 195,
  flistxattr: 196,
  removexattr: 197,
  lremovexattr: 198,
  fremovexattr: 199,
  semtimedop: 220,
  timer_create: 222,
  timer_settime: 223,
  timer_gettime: 224,
  timer_getoverrun: 225,
  timer_delete: 226,
  waitid: 247,
  inotify_init: 253,
  inotify_add_watch: 254,
  inotify_rm_watch: 255,
  splice: 275,
  signalfd: 282,
  signalfd4: 289,
  inotify_init1: 294,
  rt_tgsigqueueinfo: 297,
  recvmmsg: 299,
  syncfs: 306,
  seccomp: 317,
  memfd_create: 319,
  membarrier: 324,
  mlock2: 325,
  copy_file_range: 326,
  pkey_mprotect: 329,
  pkey_alloc: 330,
  pkey_free: 331,
  statx: 332,
  rseq: 334,
};

/** The last number of the LibOS's table; beyond it everything is EINVAL, but for its own calls. */
export const lastCall = 334;

/** The LibOS's own calls (spawn, MountRootFS and so on). Linux has none of these numbers: they answer ENOSYS. */
export const ownCalls = { first: 359, last: 363 } as const;

export const clone = 56;
export const clone3 = 435;
export const prctl = 157;
export const socket = 41;
export const socketpair = 53;
