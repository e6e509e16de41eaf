/** What oidc-provider prints when it is imported on Node 20, where dev-logto's tests show that it works. */
export const RUNTIME_WARNING = 'Unsupported runtime. Use Node.js v22.x LTS, or a later LTS release.';

/** Hides that warning, and no other, until `load` has settled. */
export async function hideRuntimeWarning<T>(load: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = (...args: unknown[]) => {
    if (!String(args[0]).includes(RUNTIME_WARNING)) warn.apply(console, args);
  };
  try {
    return await load();
  } finally {
    console.warn = warn;
  }
}

await hideRuntimeWarning(() => import('oidc-provider'));
