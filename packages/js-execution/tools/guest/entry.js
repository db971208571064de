/* What the host calls. */
(function entry(shared) {
  const { host, operation, parse, serialize, hasOwn, SafeProxy } = shared;

  /**
   * The secrets as main gets them. A name that is not there gives undefined, as in any object, and the host is told: a
   * secret that was forgotten is the usual reason when something then fails.
   */
  const watched = (secrets) =>
    new SafeProxy(secrets, {
      __proto__: null,
      get(target, name) {
        if (typeof name === 'string' && !hasOwn(target, name) && !(name in target)) host(operation.missingSecret, name);
        return target[name];
      },
    });

  /** Calls main with arguments that arrive as JSON, and hands its answer to the host. */
  shared.run = async function run(payload, limit, namespace) {
    // `main` is what the guest's script declares; a module exports it.
    const declared = namespace === undefined ? (typeof main === 'function' ? main : undefined) : namespace.main;
    const entry = declared ?? namespace?.default;
    if (typeof entry !== 'function') {
      host(operation.noMain);
      return;
    }
    const given = parse(payload);
    const json = serialize(await entry(given[0], watched(given[1]), given[2], given[3]), limit);
    if (json !== undefined) host(operation.result, json);
  };
});
