import { useSyncExternalStore } from 'react';

const BASE = import.meta.env.BASE_URL.replace(/\/$/, '');
const subscribe = (changed: () => void) => {
  addEventListener('popstate', changed);
  return () => removeEventListener('popstate', changed);
};

/** The path below the page's base, `/security` for instance. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname.slice(BASE.length) || '/');

export const href = (path: string): string => `${BASE}${path}`;

export function navigate(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', href(path));
  dispatchEvent(new PopStateEvent('popstate'));
}
