/** Where strict programs find their launcher, see strict/launcher.ts. */
export const launcherInside = '/dev/occlum-sim-launcher';

/**
 * What the first process of a rooted sandbox does, as a script for the host's /bin/sh, inside new user, mount and
 * process namespaces: stack the writable layer on the image, give it /dev and /proc and the extra mounts, make it the
 * root, say which process it is, and wait until its standard input closes; then the kernel ends every process with it.
 *
 * The old root still lies on top of the new one when it says so; `occlum-sim` takes it away from outside, since no
 * program of the host can be started from within any more.
 *
 * Arguments: image, writable layer, work folder, mount point, device socket, launcher of strict programs or nothing,
 * then triples `kind source target`.
 */
export const setupScript: string = `
set -e
root=$4
mount -t overlay overlay -o "userxattr,lowerdir=$1,upperdir=$2,workdir=$3" "$root"
if [ -n "$6" ]; then mkdir -p "$root/dev"; fi
if [ -d "$root/dev" ]; then
  mount -t tmpfs -o mode=755,size=16m dev "$root/dev"
  for name in null zero full random urandom; do
    : > "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  : > "$root/dev/sgx"
  mount --bind "$5" "$root/dev/sgx"
  mkdir -m 1777 "$root/dev/shm"
  ln -s /proc/self/fd "$root/dev/fd"
fi
strict=$6
if [ -n "$strict" ]; then
  cat "$strict" > "$root/${launcherInside}"
  chmod 755 "$root/${launcherInside}"
fi
shift 6
while [ $# -ge 3 ]; do
  case $1 in
    hostfs)
      mount --rbind "$2" "$root$3"
      if [ -n "$strict" ]; then
        mount -o remount,bind,noexec,nosuid,nodev "$root$3" 2>/dev/null ||
          mount -o remount,bind,ro,noexec,nosuid,nodev "$root$3"
      fi
      ;;
    ramfs) mount -t tmpfs -o mode=1777 ramfs "$root$3" ;;
  esac
  shift 3
done
read -r pid rest < /proc/self/stat
if [ -d "$root/proc" ]; then mount -t proc proc "$root/proc"; fi
cd "$root"
pivot_root . .
echo "$pid"
read -r line || :
`;
