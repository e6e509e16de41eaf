import { useSyncExternalStore } from 'react';

const BASE = import.meta.env.BASE_URL.replace(/\/$/, '');
const subscribe = (onChange: () => void) => {
  addEventListener('popstate', onChange);
  return () => removeEventListener('popstate', onChange);
};

/** Returns the path relative to the base of the page, such as `/security`. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname.slice(BASE.length) || '/');

/** Returns the URL of a path. */
export const toHref = (path: string): string => `${BASE}${path}`;

export function navigate(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', toHref(path));
  dispatchEvent(new PopStateEvent('popstate'));
}
